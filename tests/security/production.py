"""Settings with which production starts, on the test's database."""

PRODUCTION = {
    "APP_ENV": "production",
    "BCRYPT_ROUNDS": 12,
    "WEB_CONCURRENCY": 1,
    "CORS_ORIGINS": "https://decisions.example.com",
    "DEMO_MODE": False,
}
