//! The test of `docker-compose.yml` and of the images: see `tests/containers`.
