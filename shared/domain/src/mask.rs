//! Masks for personal data.

/// Implements `Debug` as the type's name and a mask, for log lines, panics and test output.
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
