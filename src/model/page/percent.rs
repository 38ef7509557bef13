//! Percent-decoding for page keys and address filters.

/// The byte that `%` and two hex digits encode.
pub(super) fn decode(triplet: &[u8; 3]) -> Option<u8> {
    let [b'%', high, low] = *triplet else {
        return None;
    };
    let digit = |b: u8| char::from(b).to_digit(16);
    u8::try_from(digit(high)? * 16 + digit(low)?).ok()
}
