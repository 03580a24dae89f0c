//! The tests of `docker-compose.yml` and the images (`tests/containers`), and of the packages on a
//! bare Debian (`tests/machine`).
