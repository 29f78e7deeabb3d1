"""The JSON API, `/api/v1`: one file for each resource."""
