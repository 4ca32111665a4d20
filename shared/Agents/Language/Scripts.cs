namespace AiOs.Agents.Language;

/// <summary>Scripts, and the languages that are most often written in them.</summary>
static class Scripts
{
    /// <summary>No script of these.</summary>
    public const int Unknown = -1;

    /// <summary>Hiragana and katakana.</summary>
    public const int Japanese = 0;

    public static readonly IReadOnlyList<IReadOnlyList<string>> Tags =
    [
        ["ja"], ["zh"], ["ko"], ["ru", "uk", "bg", "sr"], ["el"], ["ar", "fa", "ur"], ["he"], ["hi", "mr", "ne"], ["th"], ["bn"], ["ta"], ["hy"], ["ka"],
    ];

    static readonly (char From, char To, int Script)[] Ranges =
    [
        ('\u3040', '\u30ff', Japanese), ('\u31f0', '\u31ff', Japanese), ('\u3400', '\u9fff', 1), ('\uf900', '\ufaff', 1), ('\u1100', '\u11ff', 2), ('\u3130', '\u318f', 2), ('\uac00', '\ud7af', 2),
        ('\u0400', '\u052f', 3), ('\u0370', '\u03ff', 4), ('\u0600', '\u077f', 5), ('\u08a0', '\u08ff', 5), ('\ufb50', '\ufdff', 5), ('\ufe70', '\ufefc', 5), ('\u0590', '\u05ff', 6), ('\u0900', '\u097f', 7),
        ('\u0e00', '\u0e7f', 8), ('\u0980', '\u09ff', 9), ('\u0b80', '\u0bff', 10), ('\u0530', '\u058f', 11), ('\u10a0', '\u10ff', 12),
    ];

    /// <summary>The script of a letter, as an index of <see cref="Tags"/>.</summary>
    public static int Of(char c)
    {
        foreach (var (from, to, script) in Ranges)
            if (c >= from && c <= to)
                return script;
        return Unknown;
    }
}
