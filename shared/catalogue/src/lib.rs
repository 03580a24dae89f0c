//! Benefits as data: reads, checks and applies the files of the catalogue.
#![allow(dead_code, reason = "the benefit that uses them follows")]

mod form;
mod nearest;
mod rule;
