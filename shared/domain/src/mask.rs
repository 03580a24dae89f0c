//! How personal data looks where it must not be read.

/// Implements `Debug` as the type's name and a mask: a log line, a panic or a test's output shows no more.
macro_rules! masked_debug {
    ($type:ty) => {
        impl std::fmt::Debug for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($type), "(***)"))
            }
        }
    };
}
pub(crate) use masked_debug;
