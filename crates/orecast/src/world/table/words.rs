//! Choices of words: an enum, its words in files and on screens, and how they are read.

/// Declares a choice of words, each with the word used in files and on screens.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$word_doc:meta])* $word:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$word_doc])* #[serde(rename = $text)] $word,)*
        }

        impl $name {
            /// All of them, in order.
            pub const ALL: &[Self] = &[$(Self::$word,)*];

            /// The word used in files and on screens.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$word => $text,)*
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = String;
            fn from_str(text: &str) -> Result<Self, String> {
                let words = Self::ALL.iter().map(|word| word.as_str());
                let all = format!("choose from: {}", words.clone().collect::<Vec<_>>().join(", "));
                Self::ALL.iter().copied().find(|word| word.as_str() == text).ok_or_else(|| {
                    format!("no `{text}`; {}", crate::base::diagnostic::did_you_mean(text, words, &all))
                })
            }
        }
    };
}
