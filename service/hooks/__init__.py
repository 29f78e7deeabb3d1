"""Web hooks: what changed is sent to those who asked for it, by the rules of Standard Webhooks."""
