//! The gateway of the development system: nginx, with the configuration that is deployed.

use std::fs;

use crate::{Error, Part, Result, Spec, System, folders, nginx};

/// What a container of nginx gets, too: it fills in the same names.
const DEPLOYED: &str = include_str!("../../../deploy/gateway/default.conf.template");

impl System {
    pub(crate) fn gateway_spec(&self) -> Result<Spec> {
        let folder = self.folder.join("gateway");
        folders::create(&folder)?;
        let address = |part| {
            let url = self.url(part).unwrap_or_default();
            url.trim_start_matches("http://").to_owned()
        };
        let server = DEPLOYED
            .replace("${LISTEN}", &address(Part::Gateway))
            .replace("${INTAKE}", &address(Part::Intake))
            .replace("${STATUS}", &address(Part::Status))
            .replace("${PORTAL}", &address(Part::Portal));
        let file = folder.join("nginx.conf");
        let write = fs::write(&file, nginx::configuration(&folder, &server));
        write.map_err(Error::io(format!("write {}", file.display())))?;
        let mut spec = Spec::new(nginx::program())
            .arg("-p")
            .arg(&folder)
            .arg("-c")
            .arg(&file)
            .arg("-e")
            .arg(folder.join("error.log"));
        spec.made_of.push(file);
        Ok(spec)
    }
}
