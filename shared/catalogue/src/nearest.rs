//! Advice for an unknown word.

/// Returns "did you mean …" if a known word is near, the known words if there are few, otherwise to
/// remove it.
pub(crate) fn advice(word: &str, known: &[&str]) -> String {
    const FEW: usize = 12;
    let near = known
        .iter()
        .map(|candidate| (strsim::osa_distance(word, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= 1 + candidate.chars().count() / 3)
        .min();
    match near {
        Some((_, candidate)) => format!("did you mean `{candidate}`?"),
        None if known.len() <= FEW && !known.is_empty() => format!("use one of: {}", known.join(", ")),
        None => "remove it".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::advice;

    #[test]
    fn the_nearest_known_word_is_advised() {
        assert_eq!(
            advice("maxLenght", &["minLength", "maxLength"]),
            "did you mean `maxLength`?"
        );
        assert_eq!(advice("colour", &["date", "iban"]), "use one of: date, iban");
    }
}
