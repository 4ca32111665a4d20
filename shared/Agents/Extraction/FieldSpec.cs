using System.Text.Json.Serialization;

namespace AiOs.Agents.Extraction;

/// <summary>What a field holds; it decides how the text is read and the shape of the value.</summary>
public enum FieldKind
{
    /// <summary><c>{amount: "240.00", minor: 24000, currency: "EUR"}</c>.</summary>
    Money,

    /// <summary>An ISO 8601 timestamp with the offset of the message's time zone; midnight where the text names no time of day.</summary>
    Date,

    /// <summary>The text that matches <see cref="FieldSpec.Pattern"/>.</summary>
    Pattern,

    /// <summary>A decimal number.</summary>
    Number,

    /// <summary>A whole number.</summary>
    Integer,

    /// <summary>One of <see cref="FieldSpec.Choices"/>, spelt as declared.</summary>
    Choice,

    /// <summary>The mask token of an e-mail address.</summary>
    Email,

    /// <summary>The mask token of a phone number.</summary>
    Phone,

    /// <summary>The mask token of a bank account.</summary>
    Iban,

    /// <summary>The mask token of a payment card.</summary>
    Card,

    /// <summary>Free text: what stands between <see cref="FieldSpec.After"/> and <see cref="FieldSpec.Before"/> where one of them is given; else what follows the field's own name and a colon,
    /// <c>is</c> or <c>=</c>; else the whole message.</summary>
    Text,

    /// <summary><c>{value: 2.5, unit: "kg"}</c>, converted into <see cref="FieldSpec.Unit"/> where it is given, else in the unit of the text.</summary>
    Quantity,
}

/// <summary>One field that an app declares.</summary>
/// <param name="Name">camelCase; its words also serve as a hint ("policyNumber" prefers what stands after "policy number").</param>
/// <param name="Kind">How it is read.</param>
/// <param name="Optional">Whether the run goes on without it.</param>
/// <param name="Pattern">For <see cref="FieldKind.Pattern"/>: a regular expression that compiles as non-backtracking.</param>
/// <param name="Choices">For <see cref="FieldKind.Choice"/>: at least one.</param>
public sealed record FieldSpec(string Name, FieldKind Kind, bool Optional = false, string? Pattern = null, IReadOnlyList<string>? Choices = null)
{
    /// <summary>For <see cref="FieldKind.Quantity"/>: the unit of the value, as <see cref="Units"/> spells it; null takes any.</summary>
    public string? Unit { get; init; }

    /// <summary>For <see cref="FieldKind.Text"/>: the words that it follows; null: the beginning of the message.</summary>
    public string? After { get; init; }

    /// <summary>For <see cref="FieldKind.Text"/>: the words that it ends before; null: the end of the sentence.</summary>
    public string? Before { get; init; }

    /// <summary>How the customer is asked for it; null makes a sentence of its name and kind.</summary>
    public string? Ask { get; init; }

    /// <summary>Whether the text is read between anchors.</summary>
    [JsonIgnore]
    public bool IsAnchored => After is not null || Before is not null;
}
