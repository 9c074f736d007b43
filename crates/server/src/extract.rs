//! What routes take from a request. axum's own extractors answer in plain text; these answer in the shape of every error.

use crate::code::Code;
use crate::failure::Failure;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use bytes::Bytes;
use control::{ControlError, ReleaseId};
use serde::de::DeserializeOwned;

/// The largest body that is read.
pub(crate) const LARGEST_BODY: usize = 1 << 20;

/// A JSON body.
pub(crate) struct Body<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        let json = is_json(&request);
        let bytes = read(request, state).await?;
        if json { parse(&bytes).map(Self) } else { Err(not_json()) }
    }
}

/// A JSON body that may be left out.
pub(crate) struct MaybeBody<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned + Default> FromRequest<S> for MaybeBody<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        let json = is_json(&request);
        let bytes = read(request, state).await?;
        match (bytes.is_empty(), json) {
            (true, _) => Ok(Self(T::default())),
            (false, true) => parse(&bytes).map(Self),
            (false, false) => Err(not_json()),
        }
    }
}

fn is_json(request: &Request) -> bool {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    let essence = kind.split(';').next().unwrap_or("").trim();
    essence.eq_ignore_ascii_case("application/json")
}

fn not_json() -> Failure {
    Failure::of(Code::NotJson, "the body has another type", "send `Content-Type: application/json`")
}

async fn read<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Failure> {
    Bytes::from_request(request, state).await.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Failure::of(
            Code::BodyTooLarge,
            "a body may have at most 1 MiB",
            "send less at once: shorter intervals, or latencies as buckets",
        ),
        _ => Failure::of(Code::BodyWrong, "the body ended too early", "send the request again"),
    })
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Failure> {
    serde_json::from_slice(bytes).map_err(|error| {
        Failure::of(Code::BodyWrong, error.to_string(), "GET /openapi.json describes the body of every request")
    })
}

/// The parameters of a query; an unknown one is refused.
pub(crate) struct Params<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Params<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        Query::<T>::from_request_parts(parts, state)
            .await
            .map(|Query(params)| Self(params))
            .map_err(|rejection| wrong_parameter(rejection.body_text()))
    }
}

/// The id of a release in the path.
pub(crate) struct Id(pub(crate) ReleaseId);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let Word(asked) = Word::from_request_parts(parts, state).await?;
        release_id(&asked).map(Self)
    }
}

/// The release that is meant. What cannot be an id is the id of no release.
pub(crate) fn release_id(asked: &str) -> Result<ReleaseId, Failure> {
    asked.parse().map_err(|()| ControlError::Unknown { asked: asked.chars().take(80).collect() }.into())
}

/// One word in the path.
pub(crate) struct Word(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for Word {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        Path::<String>::from_request_parts(parts, state)
            .await
            .map(|Path(word)| Self(word))
            .map_err(|rejection| wrong_parameter(rejection.body_text()))
    }
}

/// Several words in the path.
pub(crate) struct Words<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Words<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        Path::<T>::from_request_parts(parts, state)
            .await
            .map(|Path(words)| Self(words))
            .map_err(|rejection| wrong_parameter(rejection.body_text()))
    }
}

pub(crate) fn wrong_parameter(detail: impl Into<String>) -> Failure {
    Failure::of(Code::ParameterWrong, detail, "GET /openapi.json describes the parameters of every request")
}

/// A number of items per page between 1 and `most`.
pub(crate) fn page(asked: Option<usize>, usual: usize, most: usize) -> Result<usize, Failure> {
    match asked {
        None => Ok(usual),
        Some(limit) if (1..=most).contains(&limit) => Ok(limit),
        Some(limit) => Err(wrong_parameter(format!("`limit` is {limit}; it must be between 1 and {most}"))),
    }
}
