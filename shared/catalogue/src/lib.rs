//! Benefits as data: reads, checks and applies the files of the catalogue.
