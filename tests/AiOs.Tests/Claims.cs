using System.Globalization;

namespace AiOs.Tests;

/// <summary>Claims as the sample app reads them.</summary>
static class Claims
{
    public const string App = "claims-intake";

    public const string Iban = "DE89370400440532013000";

    /// <summary>A report that is complete and, up to 500 euros, clear.</summary>
    public static string Report(decimal amount, string policy = "PC-204518", string iban = Iban) =>
        string.Create(CultureInfo.InvariantCulture, $"A storm on 3 March 2026 broke a window in my kitchen. The glazier's bill for the damage is {amount:0.00} EUR. My policy is {policy}, please pay to {iban}.");
}
