//! Makes the crate build again when the migrations or the committed query data change.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
    println!("cargo:rerun-if-changed=.sqlx");
    println!("cargo:rerun-if-env-changed=SQLX_OFFLINE_DIR");
    if std::env::var_os("SQLX_OFFLINE_DIR").is_some() {
        // `prepare.sh` is asking the database: never fresh, or nothing would be written the second
        // time
        println!("cargo:rerun-if-changed=never-fresh");
    } else {
        // a DATABASE_URL set for other purposes must not be asked
        println!("cargo:rustc-env=SQLX_OFFLINE=true");
    }
}
