//! RabbitMQ's management API: virtual hosts, users, connections.

use reqwest::{Method, Response, Url};
use serde_json::{Value, json};

use crate::{Account, Error, Result};

const LONGEST_EXCERPT: usize = 200;

/// A client of one broker's management API.
#[derive(Clone, Debug)]
pub struct Management {
    base: Url,
    client: reqwest::Client,
}

impl Management {
    /// Makes a client for an address like `http://user:password@127.0.0.1:15672`.
    #[must_use]
    pub fn new(base: Url) -> Self {
        Self {
            base,
            client: reqwest::Client::new(),
        }
    }

    /// Makes a virtual host, a user of the same name with all rights in it and none elsewhere, and
    /// the services' users.
    ///
    /// # Errors
    ///
    /// When the broker refuses or can't be reached.
    pub async fn create_virtual_host(&self, name: &str, password: &str) -> Result<()> {
        let user = json!({ "password": password, "tags": "" });
        let rights = json!({ "configure": ".*", "write": ".*", "read": ".*" });
        self.call(Method::PUT, &["vhosts", name], None).await?;
        self.call(Method::PUT, &["users", name], Some(&user)).await?;
        self.call(Method::PUT, &["permissions", name, name], Some(&rights))
            .await?;
        self.create_accounts(name, name, password).await
    }

    /// Makes the services' users, with their permissions in a virtual host, as [`Account::address`]
    /// derives them from the administrator's name and password. Existing users get new passwords
    /// and permissions.
    ///
    /// # Errors
    ///
    /// When the broker refuses or can't be reached.
    pub async fn create_accounts(&self, host: &str, administrator: &str, password: &str) -> Result<()> {
        for account in Account::ALL {
            if let Some(permissions) = account.permissions() {
                let name = account.user(administrator);
                let user = account.broker_user(password);
                self.call(Method::PUT, &["users", &name], Some(&user)).await?;
                self.call(Method::PUT, &["permissions", host, &name], Some(&permissions))
                    .await?;
            }
        }
        Ok(())
    }

    /// Removes what [`Management::create_virtual_host`] made, with its queues.
    ///
    /// # Errors
    ///
    /// When the broker refuses or can't be reached.
    pub async fn delete_virtual_host(&self, name: &str) -> Result<()> {
        self.call(Method::DELETE, &["vhosts", name], None).await?;
        self.call(Method::DELETE, &["users", name], None).await?;
        for account in Account::ALL.into_iter().filter(|one| one.permissions().is_some()) {
            self.call(Method::DELETE, &["users", &account.user(name)], None)
                .await?;
        }
        Ok(())
    }

    /// Closes every connection of a user and of the services' users derived from it, as an operator
    /// would.
    ///
    /// # Errors
    ///
    /// When the broker refuses or can't be reached.
    pub async fn close_connections(&self, user: &str) -> Result<()> {
        let accounts = Account::ALL.into_iter().filter(|one| one.permissions().is_some());
        let users = accounts
            .map(|account| account.user(user))
            .chain([user.to_owned()]);
        for user in users {
            self.call(Method::DELETE, &["connections", "username", &user], None)
                .await?;
        }
        Ok(())
    }

    /// Returns whether the broker listens at a port.
    pub async fn is_listening(&self, port: u16) -> bool {
        let path = ["health", "checks", "port-listener", &port.to_string()];
        self.call(Method::GET, &path, None).await.is_ok()
    }

    /// Returns the name of the node that leads a quorum queue, if one does.
    ///
    /// # Errors
    ///
    /// When the broker refuses or can't be reached.
    pub async fn leader(&self, host: &str, queue: &str) -> Result<Option<String>> {
        let answer = self.call(Method::GET, &["queues", host, queue], None).await?;
        let answer: Value = answer.json().await.unwrap_or_default();
        Ok(answer["leader"].as_str().map(str::to_owned))
    }

    /// Returns whether each quorum queue of a virtual host has this many members, and all of them
    /// run.
    ///
    /// # Errors
    ///
    /// When the broker refuses or can't be reached.
    pub async fn are_members_online(&self, host: &str, members: usize) -> Result<bool> {
        let answer = self.call(Method::GET, &["queues", host], None).await?;
        let queues: Vec<Value> = answer.json().await.unwrap_or_default();
        let online = |queue: &Value| queue["online"].as_array().map_or(0, Vec::len);
        let mut quorum = queues.iter().filter(|queue| queue["type"] == "quorum").peekable();
        Ok(quorum.peek().is_some() && quorum.all(|queue| online(queue) == members))
    }

    /// Publishes a persistent message to an exchange of a virtual host. Returns whether a queue
    /// took it.
    ///
    /// # Errors
    ///
    /// When the broker refuses or can't be reached.
    pub async fn publish(&self, host: &str, exchange: &str, key: &str, message: &str) -> Result<bool> {
        let body = json!({
            "properties": { "delivery_mode": 2 },
            "routing_key": key,
            "payload": message,
            "payload_encoding": "string",
        });
        let path = ["exchanges", host, exchange, "publish"];
        let answer = self.call(Method::POST, &path, Some(&body)).await?;
        let answer: Value = answer.json().await.unwrap_or_default();
        Ok(answer["routed"] == true)
    }

    /// Takes up to `count` messages from a queue of a virtual host: each with its text and headers.
    ///
    /// # Errors
    ///
    /// When the broker refuses or can't be reached.
    pub async fn take(&self, host: &str, queue: &str, count: usize) -> Result<Vec<(String, Value)>> {
        let body = json!({ "count": count, "ackmode": "ack_requeue_false", "encoding": "auto" });
        let path = ["queues", host, queue, "get"];
        let answer = self.call(Method::POST, &path, Some(&body)).await?;
        let messages: Vec<Value> = answer.json().await.unwrap_or_default();
        let read = |mut message: Value| {
            let text = message["payload"].as_str().unwrap_or_default().to_owned();
            (text, message["properties"]["headers"].take())
        };
        Ok(messages.into_iter().map(read).collect())
    }

    async fn call(&self, method: Method, path: &[&str], body: Option<&Value>) -> Result<Response> {
        let name = format!("{method} /api/{} at the broker", path.join("/"));
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().push("api").extend(path);
        }
        let mut request = self.client.request(method, url);
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = match request.send().await {
            Ok(response) => response,
            // without the address, which holds a password
            Err(source) => {
                return Err(Error::Http {
                    request: name,
                    source: source.without_url(),
                });
            }
        };
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let body = response
            .text()
            .await
            .unwrap_or_default()
            .chars()
            .take(LONGEST_EXCERPT)
            .collect();
        Err(Error::Refused {
            request: name,
            status: status.as_u16(),
            body,
        })
    }
}
