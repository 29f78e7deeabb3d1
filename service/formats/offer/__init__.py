"""What can be taken out in formats: their manifests, and the lists that they write."""
