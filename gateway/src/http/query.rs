//! Reads the query of a URL.

use std::borrow::Cow;

use axum::http::StatusCode;

use super::problem::Problem;

/// Gives each parameter of a query to `take`, which says what is wrong with it. A parameter that is misspelled
/// or repeated is refused: to overlook a filter would answer with sessions that nobody asked for.
pub(super) fn read<'a>(
    query: &'a str,
    mut take: impl FnMut(&str, Cow<'a, str>) -> Result<(), &'static str>,
) -> Result<(), Problem> {
    let mut seen = Vec::new();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let taken = if seen.contains(&name) {
            Err("this parameter is given twice")
        } else {
            take(&name, value)
        };
        taken.map_err(|detail| {
            Problem::new(StatusCode::BAD_REQUEST, detail).field(name.clone().into_owned())
        })?;
        seen.push(name);
    }
    Ok(())
}
