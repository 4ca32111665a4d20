namespace AiOs.Security;

/// <summary>The kinds of personal data that masking knows. Kinds that need a model (<c>person</c>) are refused at deploy.</summary>
public static class MaskKinds
{
    /// <summary>E-mail addresses.</summary>
    public const string Email = "email";

    /// <summary>Telephone numbers.</summary>
    public const string Phone = "phone";

    /// <summary>Payment card numbers.</summary>
    public const string Card = "card";

    /// <summary>International bank account numbers.</summary>
    public const string Iban = "iban";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [Email, Phone, Card, Iban];
}
