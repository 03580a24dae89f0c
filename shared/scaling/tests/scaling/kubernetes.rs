//! Kubernetes' scale, on a server that stands in for the API server.
//!
//! It speaks real HTTP and keeps to the rules that matter here: a version for each change, a
//! conflict where a change refers to an older one, the bodies and codes of refusals. It is a mock
//! since a real API server can't be had from package registries alone.

use std::sync::{Arc, Mutex, MutexGuard};

use actix_web::dev::ServerHandle;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use kube::{Client, Config};
use serde_json::{Value, json};
use sportello_scaling::hand::{Keda, Kubernetes};
use sportello_scaling::{Hand, HandError, Observed};

/// What the API server knows.
#[derive(Default)]
struct Cluster {
    replicas: i32,
    version: u64,
    autoscaler: Option<&'static str>,
    scaled_object: Option<&'static str>,
    /// Whether KEDA is installed.
    has_keda: bool,
    /// What each call is refused with.
    refused: Option<u16>,
    /// Changes of the deployment's status that happen before the next changes.
    becoming_ready: u32,
    puts: u32,
}

struct ApiServer {
    cluster: Arc<Mutex<Cluster>>,
    server: ServerHandle,
    client: Client,
}

type Shared = web::Data<Arc<Mutex<Cluster>>>;

fn status(code: u16, reason: &str) -> HttpResponse {
    let body = json!({
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "code": code,
        "reason": reason, "message": format!("{reason} for this test"),
    });
    HttpResponse::build(code.try_into().unwrap()).json(body)
}

fn scale(cluster: &Cluster) -> HttpResponse {
    HttpResponse::Ok().json(json!({
        "kind": "Scale", "apiVersion": "autoscaling/v1",
        "metadata": {
            "name": "sportello-worker", "namespace": "office",
            "resourceVersion": cluster.version.to_string(),
        },
        "spec": { "replicas": cluster.replicas },
        "status": { "replicas": 2, "selector": "app=worker" },
    }))
}

fn refusal(cluster: &Cluster) -> Option<HttpResponse> {
    Some(match cluster.refused? {
        403 => status(403, "Forbidden"),
        404 => status(404, "NotFound"),
        code => status(code, "InternalError"),
    })
}

async fn get_scale(shared: Shared) -> HttpResponse {
    let cluster = shared.lock().unwrap();
    refusal(&cluster).unwrap_or_else(|| scale(&cluster))
}

async fn put_scale(shared: Shared, body: web::Json<Value>) -> HttpResponse {
    let mut cluster = shared.lock().unwrap();
    if let Some(refusal) = refusal(&cluster) {
        return refusal;
    }
    cluster.puts += 1;
    if cluster.becoming_ready > 0 {
        cluster.becoming_ready -= 1;
        cluster.version += 1;
    }
    let version = body["metadata"]["resourceVersion"].as_str();
    if version != Some(&cluster.version.to_string()) {
        return status(409, "Conflict");
    }
    cluster.replicas = i32::try_from(body["spec"]["replicas"].as_i64().unwrap()).unwrap();
    cluster.version += 1;
    scale(&cluster)
}

fn list(kind: &str, version: &str, items: Vec<Value>) -> HttpResponse {
    HttpResponse::Ok().json(json!({
        "kind": format!("{kind}List"), "apiVersion": version, "metadata": {}, "items": items,
    }))
}

async fn autoscalers(shared: Shared) -> HttpResponse {
    let cluster = shared.lock().unwrap();
    let item = |target: &str| {
        json!({
            "metadata": { "name": "busy" },
            "spec": {
                "maxReplicas": 9,
                "scaleTargetRef": { "kind": "Deployment", "name": target, "apiVersion": "apps/v1" },
            },
        })
    };
    let items = cluster.autoscaler.map(item).into_iter().collect();
    refusal(&cluster).unwrap_or_else(|| list("HorizontalPodAutoscaler", "autoscaling/v2", items))
}

async fn scaled_objects(shared: Shared) -> HttpResponse {
    let cluster = shared.lock().unwrap();
    if !cluster.has_keda {
        return HttpResponse::NotFound().body("404 page not found\n");
    }
    let item = |target: &str| {
        json!({
            "kind": "ScaledObject", "apiVersion": "keda.sh/v1alpha1", "metadata": { "name": "workers" },
            "spec": { "scaleTargetRef": { "name": target } },
        })
    };
    let items = cluster.scaled_object.map(item).into_iter().collect();
    list("ScaledObject", "keda.sh/v1alpha1", items)
}

async fn anything(request: HttpRequest) -> HttpResponse {
    panic!("the hand asks for {}", request.path())
}

impl ApiServer {
    fn start(replicas: i32) -> Self {
        let cluster = Cluster {
            replicas,
            version: 7,
            has_keda: true,
            ..Cluster::default()
        };
        let cluster = Arc::new(Mutex::new(cluster));
        let shared = Arc::clone(&cluster);
        let server = HttpServer::new(move || {
            let scale = "/apis/apps/v1/namespaces/office/deployments/sportello-worker/scale";
            let autoscalers_path = "/apis/autoscaling/v2/namespaces/office/horizontalpodautoscalers";
            let objects = "/apis/keda.sh/v1alpha1/namespaces/office/scaledobjects";
            App::new()
                .app_data(web::Data::new(Arc::clone(&shared)))
                .route(scale, web::get().to(get_scale))
                .route(scale, web::put().to(put_scale))
                .route(autoscalers_path, web::get().to(autoscalers))
                .route(objects, web::get().to(scaled_objects))
                .default_service(web::to(anything))
        });
        let server = server.workers(1).disable_signals().bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", server.addrs()[0]);
        let server = server.run();
        let handle = server.handle();
        tokio::spawn(server);
        Self {
            cluster,
            server: handle,
            client: Client::try_from(Config::new(address.parse().unwrap())).unwrap(),
        }
    }

    fn cluster(&self) -> MutexGuard<'_, Cluster> {
        self.cluster.lock().unwrap()
    }

    fn hand(&self) -> Kubernetes {
        Kubernetes::with(self.client.clone(), Some("office"), "sportello-worker")
    }

    async fn stop(self) {
        self.server.stop(false).await;
    }
}

#[tokio::test]
async fn kubernetes_scales_from_what_was_seen() {
    let api = ApiServer::start(2);
    let hand = api.hand();
    let seen = hand.observe().await.unwrap();
    assert_eq!((seen.running, seen.asked), (Some(2), Some(2)));
    hand.scale_to(5, &seen).await.unwrap();
    assert_eq!(api.cluster().replicas, 5);
    assert_eq!(hand.observe().await.unwrap().asked, Some(5));
    api.stop().await;
}

#[tokio::test]
async fn a_number_changed_by_others_is_not_overwritten() {
    let api = ApiServer::start(2);
    let hand = api.hand();
    let seen = hand.observe().await.unwrap();
    {
        let mut cluster = api.cluster();
        (cluster.replicas, cluster.version) = (7, 8);
    }
    let refused = hand.scale_to(5, &seen).await;
    assert_eq!(refused, Err(HandError::Conflict { seen: 2, found: 7 }));
    assert_eq!(api.cluster().replicas, 7);
    // nor is one that was not looked at
    let blind = hand.scale_to(5, &Observed::count(2)).await;
    assert!(matches!(blind, Err(HandError::Unseen { .. })), "{blind:?}");
    assert_eq!(api.cluster().replicas, 7);
    api.stop().await;
}

#[tokio::test]
async fn pods_that_become_ready_are_no_conflict() {
    let api = ApiServer::start(2);
    let hand = api.hand();
    let seen = hand.observe().await.unwrap();
    api.cluster().becoming_ready = 3;
    hand.scale_to(5, &seen).await.unwrap();
    {
        let cluster = api.cluster();
        assert_eq!((cluster.replicas, cluster.puts), (5, 4));
    }
    api.stop().await;
}

#[tokio::test]
async fn a_deployment_under_an_autoscaler_is_left_alone() {
    let api = ApiServer::start(2);
    let hand = api.hand();
    let seen = hand.observe().await.unwrap();
    let refused_by = |error| match error {
        Err(HandError::Autoscaler { kind, name, .. }) => (kind, name),
        other => panic!("{other:?}"),
    };
    api.cluster().scaled_object = Some("sportello-worker");
    let refused = refused_by(hand.scale_to(5, &seen).await);
    assert_eq!(refused, ("ScaledObject", "workers".to_owned()));
    api.cluster().autoscaler = Some("sportello-worker");
    let refused = refused_by(hand.scale_to(5, &seen).await);
    assert_eq!(refused, ("HorizontalPodAutoscaler", "busy".to_owned()));
    assert_eq!(api.cluster().puts, 0);
    // those of other deployments are none of its business, nor is KEDA that is not there
    {
        let mut cluster = api.cluster();
        (cluster.autoscaler, cluster.has_keda) = (Some("something-else"), false);
    }
    hand.scale_to(5, &seen).await.unwrap();
    assert_eq!(api.cluster().replicas, 5);
    api.stop().await;
}

#[tokio::test]
async fn refusals_say_which_right_is_missing() {
    let api = ApiServer::start(2);
    let hand = api.hand();
    let seen = hand.observe().await.unwrap();
    api.cluster().refused = Some(403);
    let Err(HandError::Forbidden { right, .. }) = hand.observe().await else {
        panic!("it is forbidden");
    };
    assert_eq!(right, "get deployments/scale in namespace office");
    let Err(HandError::Forbidden { right, .. }) = hand.scale_to(3, &seen).await else {
        panic!("it is forbidden");
    };
    assert_eq!(right, "list horizontalpodautoscalers in namespace office");
    api.cluster().refused = Some(404);
    let missing = hand.observe().await;
    assert!(matches!(missing, Err(HandError::NotFound { .. })), "{missing:?}");
    api.cluster().refused = Some(500);
    let broken = hand.observe().await;
    assert!(matches!(broken, Err(HandError::Unreachable { .. })), "{broken:?}");
    api.stop().await;
    let away = hand.observe().await;
    assert!(matches!(away, Err(HandError::Unreachable { .. })), "{away:?}");
}

#[tokio::test]
async fn under_keda_the_number_is_shown_and_left_to_it() {
    let api = ApiServer::start(2);
    let hand = Keda::new(api.hand());
    let seen = hand.observe().await.unwrap();
    assert_eq!(seen, Observed::count(2));
    hand.scale_to(5, &seen).await.unwrap();
    assert_eq!(api.cluster().puts, 0);
    api.stop().await;
}
