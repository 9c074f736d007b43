//! Who speaks, and whether they may. A route that is not inside [`scoped`] does not exist for clients: the router is put
//! together from scoped groups alone, so that a new route cannot be open by mistake.

use crate::app::App;
use crate::code::Code;
use crate::dto::Scope;
use crate::failure::Failure;
use crate::openapi;
use crate::tokens::{Bearer, Registry};
use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use flags::access::Grant;
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;

/// The header in which a client names the person who uses its token.
pub(crate) const PERSON: &str = "x-tidegate-actor";

/// What a token needs to be let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Needs {
    /// To be good. The route asks for more itself, if it must: what may be done to a flag depends on the flag.
    AnyToken,
    /// To have this scope.
    Scope(Scope),
}

/// Whoever sent the request.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    /// Whom the journal will name.
    pub(crate) actor: String,
    bearer: Bearer,
}

impl Caller {
    /// Its roles for flags.
    pub(crate) fn grants(&self) -> Vec<Grant> {
        self.bearer.grants()
    }

    /// The number of the token.
    pub(crate) fn token(&self) -> u64 {
        self.bearer.number
    }

    /// Waits until the token does not open anything any more.
    pub(crate) async fn shut_out(&self, app: &App) {
        let tokens: &Arc<Registry> = app.tokens();
        tokens.shut_out(self.bearer.number, || app.control().now().0).await;
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        let caller = parts.extensions.get::<Self>().cloned();
        caller.ok_or_else(|| Failure::defect("the route asks for nobody", &parts.uri.path()))
    }
}

/// Lets only callers with what is needed reach the routes, and says so in their description.
pub(crate) fn scoped(app: &App, needs: Needs, mut routes: OpenApiRouter<App>) -> OpenApiRouter<App> {
    openapi::describe_needs(routes.get_openapi_mut(), needs);
    routes.route_layer(from_fn_with_state((app.clone(), needs), require))
}

async fn require(
    State((app, needs)): State<(App, Needs)>,
    mut request: Request,
    next: Next,
) -> Result<Response, Failure> {
    let caller = caller(&app, request.headers())?;
    if let Needs::Scope(scope) = needs
        && !caller.bearer.may(scope)
    {
        let (name, needed) = (&caller.bearer.name, openapi::word(scope));
        return Err(Failure::of(
            Code::ScopeMissing,
            format!("the token {name} does not have the scope `{needed}`"),
            format!("use a token with the scope `{needed}`; an admin can issue one"),
        ));
    }
    request.extensions_mut().insert(caller);
    Ok(next.run(request).await)
}

fn caller(app: &App, headers: &HeaderMap) -> Result<Caller, Failure> {
    let bearer = app.tokens().bearer(secret(headers)?, app.control().now().0)?;
    let token = format!("token:{}", bearer.name);
    let actor = match person(headers)? {
        Some(person) => format!("{person} via {token}"),
        None => token,
    };
    Ok(Caller { actor, bearer })
}

fn secret(headers: &HeaderMap) -> Result<&str, Failure> {
    let missing = |detail: &str| {
        Failure::of(Code::TokenMissing, detail, "send `Authorization: Bearer tg_…`; an admin can issue a token")
    };
    let mut all = headers.get_all(header::AUTHORIZATION).iter();
    let value = match (all.next(), all.next()) {
        (Some(value), None) => value,
        (None, _) => return Err(missing("the request has no token")),
        (Some(_), Some(_)) => return Err(missing("the request has two authorizations")),
    };
    let text = value.to_str().map_err(|_| missing("the authorization is not text"))?;
    match text.split_once(' ') {
        Some((scheme, secret)) if scheme.eq_ignore_ascii_case("bearer") => Ok(secret.trim()),
        Some(_) | None => Err(missing("the authorization is not `Bearer` and a token")),
    }
}

/// The person who uses the token, as far as its holder is to be believed. The name of the token stands beside it.
fn person(headers: &HeaderMap) -> Result<Option<String>, Failure> {
    let wrong = |why: &str| {
        Failure::of(
            Code::ActorWrong,
            format!("the header X-Tidegate-Actor {why}"),
            "send one name of at most 80 printable characters without `token:`, or leave it out",
        )
    };
    let mut all = headers.get_all(PERSON).iter();
    let value = match (all.next(), all.next()) {
        (None, _) => return Ok(None),
        (Some(value), None) => value,
        (Some(_), Some(_)) => return Err(wrong("is there twice")),
    };
    let name = std::str::from_utf8(value.as_bytes()).map_err(|_| wrong("is not UTF-8"))?.trim();
    // Bytes as well as characters: with the token's name the actor must fit into the journal's 200 bytes.
    if name.is_empty() || name.chars().count() > 80 || name.len() > 120 {
        return Err(wrong("is empty or too long"));
    }
    if name.chars().any(policy::hidden) || name.contains("token:") {
        return Err(wrong("holds what may not be in a name"));
    }
    Ok(Some(name.to_string()))
}
