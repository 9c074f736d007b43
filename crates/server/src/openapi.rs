//! The description of the API. It is made from the routes themselves: what needs a token, and which errors there can be, is
//! written into it by the code that enforces it.

use crate::auth::Needs;
use crate::dto::{Problem, Scope};
use crate::routes;
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{
    Components, ContentBuilder, InfoBuilder, OpenApi, OpenApiBuilder, Ref, RefOr, Response, ResponseBuilder,
};
use utoipa::{PartialSchema, ToSchema};

const SCHEME: &str = "token";

/// The OpenAPI document of this server.
#[must_use]
pub fn openapi() -> OpenApi {
    routes::documented()
}

/// What the routes are added to.
pub(crate) fn blank() -> OpenApi {
    let info = InfoBuilder::new()
        .title("Tidegate")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "Releases that ramp, are judged, and are taken back. Every call but `/healthz` and `/readyz` needs a token. \
             Every error is `application/problem+json` with a stable code and a hint.",
        ))
        .build();
    let scheme = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some(
            "`tg_<id>_<secret>`, shown once when it is issued. Scopes: read, operate, signal, admin (all).",
        ))
        .build();
    let mut components = Components::new();
    components.add_security_scheme(SCHEME, SecurityScheme::Http(scheme));
    components.schemas.insert(Problem::name().to_string(), Problem::schema());
    let mut nested = Vec::new();
    Problem::schemas(&mut nested);
    components.schemas.extend(nested);
    OpenApiBuilder::new().info(info).components(Some(components)).build()
}

/// Writes what a token needs into every operation of a group.
pub(crate) fn describe_needs(document: &mut OpenApi, needs: Needs) {
    let scopes = match needs {
        Needs::AnyToken => Vec::new(),
        Needs::Scope(scope) => vec![word(scope)],
    };
    for operation in operations(document) {
        operation.security = Some(vec![SecurityRequirement::new(SCHEME, scopes.clone())]);
        operation.responses.responses.insert("401".into(), problem("No token, or one that is not good."));
        operation.responses.responses.insert("403".into(), problem("The token lacks the scope or the role."));
    }
}

/// Says of every operation that it answers errors in one shape.
pub(crate) fn describe_errors(document: &mut OpenApi) {
    for operation in operations(document) {
        operation.responses.responses.insert("default".into(), problem("Any error; `code` says which."));
    }
}

fn problem(description: &str) -> RefOr<Response> {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name(Problem::name()))).build();
    ResponseBuilder::new().description(description).content("application/problem+json", content).build().into()
}

fn operations(document: &mut OpenApi) -> impl Iterator<Item = &mut Operation> {
    document.paths.paths.values_mut().flat_map(|item| {
        let PathItem { get, put, post, delete, options, head, patch, trace, .. } = item;
        [get, put, post, delete, options, head, patch, trace].into_iter().filter_map(Option::as_mut)
    })
}

/// The scope as it is written.
pub(crate) fn word(scope: Scope) -> &'static str {
    match scope {
        Scope::Read => "read",
        Scope::Operate => "operate",
        Scope::Signal => "signal",
        Scope::Admin => "admin",
    }
}
