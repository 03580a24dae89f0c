//! Routes: an address with its methods.

use actix_web::http::header::{ALLOW, HeaderValue};
use actix_web::{FromRequest, Handler, HttpResponse, Resource, Responder, ResponseError as _, Route, web};

use crate::problem::Problem;

/// Returns a route for `GET`, and for `HEAD`, which the edge answers at every address with `GET`.
pub fn get<F, Args>(path: &str, handler: F) -> Resource
where
    F: Handler<Args>,
    Args: FromRequest + 'static,
    F::Output: Responder + 'static,
{
    resource(path, "GET, HEAD", web::get().to(handler))
}

/// Returns a route for `POST`.
pub fn post<F, Args>(path: &str, handler: F) -> Resource
where
    F: Handler<Args>,
    Args: FromRequest + 'static,
    F::Output: Responder + 'static,
{
    resource(path, "POST", web::post().to(handler))
}

/// Returns a route for `PUT`.
pub fn put<F, Args>(path: &str, handler: F) -> Resource
where
    F: Handler<Args>,
    Args: FromRequest + 'static,
    F::Output: Responder + 'static,
{
    resource(path, "PUT", web::put().to(handler))
}

/// Returns a route for `GET` and `HEAD`, and for `PUT`.
pub fn get_and_put<F, A, G, B>(path: &str, get: F, put: G) -> Resource
where
    F: Handler<A>,
    A: FromRequest + 'static,
    F::Output: Responder + 'static,
    G: Handler<B>,
    B: FromRequest + 'static,
    G::Output: Responder + 'static,
{
    resource(path, "GET, HEAD, PUT", web::get().to(get)).route(web::put().to(put))
}

/// Returns a route for `GET` and `HEAD`, and for `POST`.
pub fn get_and_post<F, A, G, B>(path: &str, get: F, post: G) -> Resource
where
    F: Handler<A>,
    A: FromRequest + 'static,
    F::Output: Responder + 'static,
    G: Handler<B>,
    B: FromRequest + 'static,
    G::Output: Responder + 'static,
{
    resource(path, "GET, HEAD, POST", web::get().to(get)).route(web::post().to(post))
}

/// Answers `405` with the allowed methods to every other method (RFC 9110, section 15.5.6).
fn resource(path: &str, methods: &'static str, route: Route) -> Resource {
    let refused = move || async move { method_not_allowed(methods) };
    web::resource(path).route(route).default_service(web::to(refused))
}

fn method_not_allowed(methods: &'static str) -> HttpResponse {
    let mut answer = Problem::MethodNotAllowed.error_response();
    answer
        .headers_mut()
        .insert(ALLOW, HeaderValue::from_static(methods));
    answer
}
