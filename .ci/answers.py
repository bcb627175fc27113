"""Exit 0 when the PostgreSQL or Redis server at the URL answers: `answers.py URL`."""

import sys

import psycopg
import redis

url = sys.argv[1]
try:
    if url.startswith("redis"):
        redis.from_url(url, socket_connect_timeout=2).ping()
    else:
        psycopg.connect(url, connect_timeout=2).close()
except (psycopg.Error, redis.RedisError):
    sys.exit(1)
