//! Replicas of a deployment, where no autoscaler has the say.

use std::future::Future;
use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt as _};
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::autoscaling::v1::{Scale, ScaleSpec};
use k8s_openapi::api::autoscaling::v2::HorizontalPodAutoscaler;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::api::{Api, ApiResource, DynamicObject, GroupVersionKind, ListParams, PostParams};
use kube::{Client, ResourceExt as _};
use tokio::time::timeout;

use super::{Hand, HandError};
use crate::observed::Observed;

/// Longest time of a look or a change.
const LONGEST: Duration = Duration::from_secs(10);
/// How often a change is tried again where the deployment changed, but not its number: each pod
/// that becomes ready changes it.
const TRIES: usize = 5;

/// The scale of a deployment. Needs the rights `get` and `update` on `deployments/scale`, and
/// `list` on `horizontalpodautoscalers` and `scaledobjects`.
pub struct Kubernetes {
    client: Client,
    namespace: String,
    deployment: String,
}

impl Kubernetes {
    /// Connects as the pod's service account, or as the user's `kubectl` does.
    ///
    /// # Errors
    /// There is neither.
    pub async fn connect(namespace: Option<&str>, deployment: &str) -> Result<Self, HandError> {
        let client = Client::try_default().await.map_err(|error| unreachable(&error))?;
        Ok(Self::with(client, namespace, deployment))
    }

    /// Uses a client; without a namespace, its own.
    #[must_use]
    pub fn with(client: Client, namespace: Option<&str>, deployment: &str) -> Self {
        let namespace = namespace.unwrap_or(client.default_namespace()).to_owned();
        Self {
            client,
            namespace,
            deployment: deployment.to_owned(),
        }
    }

    fn deployments(&self) -> Api<Deployment> {
        Api::namespaced(self.client.clone(), &self.namespace)
    }

    fn target(&self) -> String {
        format!("deployment {}/{}", self.namespace, self.deployment)
    }

    async fn look(&self) -> Result<Observed, HandError> {
        let scale = self.deployments().get_scale(&self.deployment).await;
        let scale = scale.map_err(|error| self.refused(&error, "read the scale", "get deployments/scale"))?;
        let number = |replicas: i32| u16::try_from(replicas.max(0)).unwrap_or(u16::MAX);
        Ok(Observed {
            running: scale.status.map(|status| number(status.replicas)),
            asked: scale.spec.and_then(|spec| spec.replicas).map(number),
            version: scale.metadata.resource_version,
        })
    }

    /// Puts a number where the deployment is still as it was seen. Returns whether it was.
    async fn put(&self, wanted: u16, version: &str) -> Result<bool, HandError> {
        let scale = Scale {
            metadata: ObjectMeta {
                name: Some(self.deployment.clone()),
                namespace: Some(self.namespace.clone()),
                resource_version: Some(version.to_owned()),
                ..ObjectMeta::default()
            },
            spec: Some(ScaleSpec {
                replicas: Some(i32::from(wanted)),
            }),
            status: None,
        };
        let parameters = PostParams::default();
        let put = self.deployments();
        let put = put.replace_scale(&self.deployment, &parameters, &scale).await;
        match put {
            Ok(_scale) => Ok(true),
            Err(kube::Error::Api(status)) if status.code == 409 => Ok(false),
            Err(error) => Err(self.refused(&error, "change the scale", "update deployments/scale")),
        }
    }

    async fn change(&self, wanted: u16, seen: &Observed) -> Result<(), HandError> {
        let (Some(asked), Some(mut version)) = (seen.asked, seen.version.clone()) else {
            return Err(HandError::Unseen {
                target: self.target(),
            });
        };
        self.refuse_under_autoscaler().await?;
        for _ in 0..TRIES {
            if self.put(wanted, &version).await? {
                return Ok(());
            }
            let found = self.look().await?;
            match found.asked {
                Some(found) if found != asked => return Err(HandError::Conflict { seen: asked, found }),
                Some(_) | None => version = found.version.unwrap_or_default(),
            }
        }
        Err(HandError::Unreachable {
            cause: format!("{} changed {TRIES} times meanwhile", self.target()),
        })
    }

    async fn refuse_under_autoscaler(&self) -> Result<(), HandError> {
        let autoscalers: Api<HorizontalPodAutoscaler> = Api::namespaced(self.client.clone(), &self.namespace);
        let listed = autoscalers.list(&ListParams::default()).await;
        let listed = listed
            .map_err(|error| self.refused(&error, "list autoscalers", "list horizontalpodautoscalers"))?;
        let ours = |autoscaler: &&HorizontalPodAutoscaler| {
            let target = autoscaler.spec.as_ref().map(|spec| &spec.scale_target_ref);
            target.is_some_and(|target| target.kind == "Deployment" && target.name == self.deployment)
        };
        if let Some(autoscaler) = listed.items.iter().find(ours) {
            return Err(self.under("HorizontalPodAutoscaler", autoscaler.name_any()));
        }
        match self.scaled_object().await? {
            Some(name) => Err(self.under("ScaledObject", name)),
            None => Ok(()),
        }
    }

    /// Returns the name of KEDA's object for the deployment, if there is one. KEDA's own autoscaler
    /// is away while it is paused or at zero.
    async fn scaled_object(&self) -> Result<Option<String>, HandError> {
        let kind = GroupVersionKind::gvk("keda.sh", "v1alpha1", "ScaledObject");
        let kind = ApiResource::from_gvk(&kind);
        let objects: Api<DynamicObject> = Api::namespaced_with(self.client.clone(), &self.namespace, &kind);
        let listed = match objects.list(&ListParams::default()).await {
            Ok(listed) => listed,
            // KEDA is not installed
            Err(kube::Error::Api(status)) if status.code == 404 => return Ok(None),
            Err(error) => {
                return Err(self.refused(&error, "list KEDA's objects", "list scaledobjects.keda.sh"));
            }
        };
        let ours = |object: &&DynamicObject| {
            let target = &object.data["spec"]["scaleTargetRef"];
            let kind = target["kind"].as_str().unwrap_or("Deployment");
            kind == "Deployment" && target["name"] == self.deployment.as_str()
        };
        Ok(listed.items.iter().find(ours).map(|object| object.name_any()))
    }

    fn under(&self, kind: &'static str, name: String) -> HandError {
        HandError::Autoscaler {
            kind,
            name,
            target: self.target(),
        }
    }

    fn refused(&self, error: &kube::Error, what: &str, right: &str) -> HandError {
        let kube::Error::Api(status) = error else {
            return unreachable(error);
        };
        match status.code {
            403 => HandError::Forbidden {
                what: what.to_owned(),
                right: format!("{right} in namespace {}", self.namespace),
            },
            404 => HandError::NotFound {
                target: self.target(),
            },
            code => HandError::Unreachable {
                cause: format!("{code} {}: {}", status.reason, status.message),
            },
        }
    }

    async fn within<T>(&self, work: impl Future<Output = Result<T, HandError>>) -> Result<T, HandError> {
        let timed_out = |_elapsed| HandError::TimedOut {
            what: self.target(),
            seconds: LONGEST.as_secs(),
        };
        timeout(LONGEST, work).await.map_err(timed_out)?
    }
}

fn unreachable(error: &dyn std::error::Error) -> HandError {
    HandError::Unreachable {
        cause: error.to_string(),
    }
}

impl Hand for Kubernetes {
    fn observe(&self) -> BoxFuture<'_, Result<Observed, HandError>> {
        self.within(self.look()).boxed()
    }

    fn scale_to<'a>(&'a self, wanted: u16, seen: &'a Observed) -> BoxFuture<'a, Result<(), HandError>> {
        self.within(self.change(wanted, seen)).boxed()
    }
}
