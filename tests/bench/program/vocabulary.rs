//! Comments with realistic size and compressibility; the same in every run.

/// A small random number generator (SplitMix64): runs must be repeatable, not unpredictable.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    /// A number below `most`.
    pub(crate) fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % most.max(1)
    }

    /// One of these; the first more often than the last, as with words.
    fn word<'a>(&mut self, words: &[&'a str]) -> &'a str {
        let most = words.len() as u64;
        let place = self.below(most).min(self.below(most));
        words[usize::try_from(place).unwrap_or(0)]
    }
}

const WORDS: &str = "the of and to a in that it is was for on with he as you be at by had not are but from or have an they \
which one were all we can her has there been if more when will would who so no out up said what its about into than them \
only some could time these two may then do first any my now such like our over man me even most made after also did many \
before must through back years where much your way well down should because each just those people how too little state \
good very make world still own see men work long get here between both life being under never day same another know while \
last might us great old year off come since against go came right used take three himself few house use during without \
again place around however home small found thought went say part once general high upon school every does got united left \
number course war until always away something fact water though less public put think almost hand enough far took head yet \
government system better set told nothing night end why called find going look asked later knew point next program city \
business give group toward young days let room present side given order hive honey pollen frame smoke queen drone swarm \
meadow clover linden winter wax comb sting sugar brood keeper apiary nectar season weather patience kettle garden pear \
gravel bicycle lantern harbour ferry thunder orchard attic violin ledger parcel timber cellar saddle thimble compass \
argument evidence paragraph compiler library version server script browser keyboard battery printer camera recipe butter \
pepper onion garlic vinegar cinnamon walnut almond barley oats flour yeast oven crust salt bread soup plate spoon";

const NAMES: &[&str] = &[
    "Ann", "Bea", "Chidi", "Dario", "Elif", "Farah", "Goran", "Hana", "Ines", "Jun", "Kofi", "Lena", "Mo",
    "Nils", "Olga", "Priya", "Quim", "Rosa", "Sven", "Tove", "Uma", "Vera", "Wen", "Ximena", "Yusuf", "Zoe",
];

/// A comment's text: a few sentences, sometimes a list, a quotation, emphasis or a link.
pub(crate) fn text(dice: &mut Dice) -> String {
    let words: Vec<&str> = WORDS.split_whitespace().collect();
    let mut text = String::new();
    for paragraph in 0..=dice.below(2) {
        if paragraph > 0 {
            text.push_str("\n\n");
        }
        if dice.below(8) == 0 {
            text.push_str("> ");
        }
        for sentence in 0..=dice.below(4) {
            if sentence > 0 {
                text.push(' ');
            }
            let length = 5 + dice.below(14);
            for n in 0..length {
                let word = dice.word(&words);
                match (n, dice.below(40)) {
                    (0, _) => text += &format!("{}{}", word[..1].to_uppercase(), &word[1..]),
                    (_, 0) => text += &format!(" *{word}*"),
                    (_, 1) => text += &format!(" {word},"),
                    (_, 2) if dice.below(4) == 0 => text += &format!(" https://{word}.example/{n}"),
                    _ => text += &format!(" {word}"),
                }
            }
            text.push(['.', '.', '.', '?', '!'][usize::try_from(dice.below(5)).unwrap_or(0)]);
        }
    }
    text
}

/// An author's name.
pub(crate) fn name(dice: &mut Dice) -> String {
    let first = dice.word(NAMES);
    match dice.below(3) {
        0 => first.to_owned(),
        n => format!(
            "{first} {}",
            ["of the Hill", "B."][usize::try_from(n - 1).unwrap_or(0)]
        ),
    }
}

/// This number of hexadecimal digits, in place of a hash.
pub(crate) fn hex(dice: &mut Dice, digits: usize) -> String {
    let mut text = String::with_capacity(digits + 16);
    while text.len() < digits {
        text += &format!("{:016x}", dice.below(u64::MAX));
    }
    text.truncate(digits);
    text
}
