//! Every route, by the scope that it needs.

mod alarms;
mod commands;
mod export;
mod fallback;
mod health;
mod journal;
mod journal_events;
mod journal_search;
mod live;
mod me;
mod measurements;
mod metrics;
mod open;
mod push;
mod releases;
mod series;
mod services;
mod status;
mod tokens;
mod under_way;

use crate::app::App;
use crate::auth::{Needs, scoped};
use crate::dto::Scope;
use crate::extract::LARGEST_BODY;
use crate::openapi::{blank, describe_errors};
use crate::traffic;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The whole API.
pub fn router(app: App) -> Router {
    let (router, _) = assemble(|needs, group| scoped(&app, needs, group)).split_for_parts();
    router
        .fallback(fallback::no_route)
        .method_not_allowed_fallback(fallback::wrong_method)
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .layer(from_fn_with_state(app.clone(), traffic::count))
        .with_state(app)
}

/// The description of the same routes, which needs no app.
pub(crate) fn documented() -> OpenApi {
    let mut document = assemble(|needs, mut group| {
        crate::openapi::describe_needs(group.get_openapi_mut(), needs);
        group
    })
    .into_openapi();
    describe_errors(&mut document);
    document
}

fn assemble(scoped: impl Fn(Needs, OpenApiRouter<App>) -> OpenApiRouter<App>) -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(blank())
        .merge(open_to_all())
        .merge(scoped(Needs::AnyToken, introducing()))
        .merge(scoped(Needs::Scope(Scope::Read), reading()))
        .merge(scoped(Needs::Scope(Scope::Operate), operating()))
        .merge(scoped(Needs::Scope(Scope::Signal), signalling()))
        .merge(scoped(Needs::Scope(Scope::Admin), administering()))
}

/// For probes that cannot hold a token; they say nothing but yes or no.
fn open_to_all() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(health::healthz)).routes(routes!(health::readyz))
}

fn introducing() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(me::me))
}

fn reading() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(status::status))
        .routes(routes!(services::services))
        .routes(routes!(releases::list))
        .routes(routes!(releases::show))
        .routes(routes!(live::live))
        .routes(routes!(under_way::follow))
        .routes(routes!(series::series))
        .routes(routes!(measurements::page))
        .routes(routes!(journal::page))
        .routes(routes!(journal_search::search))
        .routes(routes!(journal::verify))
        .routes(routes!(journal_events::events))
        .routes(routes!(export::export))
        .routes(routes!(metrics::metrics))
        .routes(routes!(health::openapi))
}

fn operating() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(open::open))
        .routes(routes!(commands::pause))
        .routes(routes!(commands::resume))
        .routes(routes!(commands::advance))
        .routes(routes!(commands::abort))
        .routes(routes!(commands::rollback))
}

fn signalling() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(alarms::alarm)).routes(routes!(push::push))
}

fn administering() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(tokens::list)).routes(routes!(tokens::issue)).routes(routes!(tokens::revoke))
}
