//! The base image: Debian as its installer leaves it, with the packages that the document installs
//! already fetched, and not installed.

use std::fs;
use std::path::Path;

use crate::engine::Engine;
use crate::shell::{command, folder, ran, tried};

/// The image.
pub const IMAGE: &str = "sportello-bare-debian";
/// What makes a machine of Debian's minimal system.
const INCLUDED: &str = "ca-certificates,dbus,iproute2,procps,systemd-sysv";
/// The packages of the document's first section.
const FETCHED: &str = "postgresql rabbitmq-server nginx-light gettext-base jq curl openssl nftables \
                       polkitd";
const SUITE: &str = "bookworm";

/// Makes it, unless an earlier run did: some minutes, with the network.
pub fn make() {
    let (tar, record) = (folder().join("machine.tar"), folder().join("machine.packages"));
    let recipe = format!("{INCLUDED} {FETCHED}");
    if tar.is_file() && fs::read_to_string(&record).is_ok_and(|made| made == recipe) {
        return;
    }
    fs::create_dir_all(folder()).unwrap();
    let mut make = command(&["mmdebstrap", "--variant=minbase", "--quiet", "--skip=cleanup/apt"]);
    make.arg(format!("--include={INCLUDED}"))
        .arg(format!(
            "--customize-hook=chroot \"$1\" apt-get install --yes --download-only --no-install-recommends {FETCHED}"
        ))
        .args([SUITE.as_ref(), tar.as_os_str()]);
    let sources = ["/etc/apt/sources.list.d/debian.sources", "/etc/apt/sources.list"];
    make.args(sources.iter().find(|path| Path::new(path).is_file()));
    ran(&mut make);
    fs::write(record, recipe).unwrap();
}

/// Gives it to the engine, anew where it was made anew.
pub fn import(engine: &Engine) {
    let record = fs::read_to_string(folder().join("machine.packages")).unwrap();
    let label = format!("LABEL packages=\"{record}\"");
    let format = "{{.Config.Labels.packages}}";
    let (is_there, labelled) = tried(&mut engine.docker(&["image", "inspect", "--format", format, IMAGE]));
    if !(is_there && labelled.trim() == record) {
        let tar = folder().join("machine.tar");
        ran(&mut engine.docker(&["import", "--change", &label, tar.to_str().unwrap(), IMAGE]));
    }
}
