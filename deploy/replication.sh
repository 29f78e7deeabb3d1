#!/bin/sh
# Lets replicas in with the password; runs once, when the database is made.
echo "host replication all all scram-sha-256" >> "$PGDATA/pg_hba.conf"
