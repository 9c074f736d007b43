//! Every route, by the scope that it needs.

mod alarms;
mod commands;
mod export;
mod fallback;
mod flags;
mod health;
mod journal;
mod journal_events;
mod journal_search;
mod live;
mod me;
mod measurements;
mod metrics;
mod ofrep;
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

pub(crate) use ofrep::door::PER_SECOND;

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

/// Puts all routes together. `guarded` lets only those through who have what is needed.
fn assemble(guarded: impl Fn(Needs, OpenApiRouter<App>) -> OpenApiRouter<App>) -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(blank())
        .merge(open_to_all())
        .merge(asking())
        .merge(guarded(Needs::AnyToken, introducing()))
        .merge(guarded(Needs::AnyToken, managing_flags()))
        .merge(guarded(Needs::Scope(Scope::Read), reading()))
        .merge(guarded(Needs::Scope(Scope::Operate), operating()))
        .merge(guarded(Needs::Scope(Scope::Signal), signalling()))
        .merge(guarded(Needs::Scope(Scope::Admin), administering()))
}

/// Flags by their standard protocol, whose door and errors are its own: see `ofrep::door`.
fn asking() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(ofrep::single::evaluate))
        .routes(routes!(ofrep::bulk::evaluate))
        .routes(routes!(ofrep::events::events))
}

fn managing_flags() -> OpenApiRouter<App> {
    use flags::{change, clients, exchange, look, manifest, segments};
    OpenApiRouter::new()
        .routes(routes!(look::list, change::create))
        .routes(routes!(look::show, change::replace))
        .routes(routes!(look::history))
        .routes(routes!(look::explain))
        .routes(routes!(change::on))
        .routes(routes!(change::off))
        .routes(routes!(change::kill))
        .routes(routes!(change::decide))
        .routes(routes!(change::schedule))
        .routes(routes!(change::unschedule))
        .routes(routes!(change::archive))
        .routes(routes!(change::restore))
        .routes(routes!(change::undo))
        .routes(routes!(exchange::import))
        .routes(routes!(exchange::export))
        .routes(routes!(segments::list))
        .routes(routes!(segments::put, segments::delete))
        .routes(routes!(clients::list))
        .routes(routes!(manifest::read))
        .routes(routes!(manifest::create))
        .routes(routes!(manifest::update, manifest::delete))
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
