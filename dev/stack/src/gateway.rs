//! The gateway of the development system: nginx, with the configuration that is deployed.

use std::fs;
use std::path::Path;

use crate::{Error, Part, Result, Spec, System, folders};

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
        let write = fs::write(&file, configuration(&folder, &server));
        write.map_err(Error::io(format!("write {}", file.display())))?;
        let mut spec = Spec::new(program())
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

/// Returns the program: Debian's folder is not in a normal user's PATH.
fn program() -> &'static str {
    ["/usr/sbin/nginx", "/usr/local/sbin/nginx"]
        .into_iter()
        .find(|path| Path::new(path).exists())
        .unwrap_or("nginx")
}

/// Returns a configuration with one process, and all files in one folder.
fn configuration(folder: &Path, server: &str) -> String {
    let folder = folder.display();
    format!(
        "daemon off;\n\
         master_process off;\n\
         pid {folder}/pid;\n\
         events {{ worker_connections 4096; }}\n\
         http {{\n\
         client_body_temp_path {folder}/body;\n\
         proxy_temp_path {folder}/proxy;\n\
         fastcgi_temp_path {folder}/fastcgi;\n\
         uwsgi_temp_path {folder}/uwsgi;\n\
         scgi_temp_path {folder}/scgi;\n\
         {server}\n\
         }}\n"
    )
}
