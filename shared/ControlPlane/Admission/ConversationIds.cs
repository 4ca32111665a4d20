using System.Text.RegularExpressions;
using AiOs.DataPlane;
using AiOs.Security;

namespace AiOs.ControlPlane.Admission;

/// <summary>The ids that callers give their conversations.</summary>
public static partial class ConversationIds
{
    /// <summary>What is said of an id that is none.</summary>
    public const string Rule = "must be 1 to 64 of A-Z, a-z, 0-9, '.', '_' and '-'.";

    [GeneratedRegex("^[A-Za-z0-9._-]{1,64}\\z", RegexOptions.NonBacktracking)]
    private static partial Regex Pattern { get; }

    /// <summary>Whether <paramref name="id"/> keeps the <see cref="Rule"/>.</summary>
    public static bool IsValid(string id) => Pattern.IsMatch(id);

    /// <summary>The id as it is stored. One that looks like personal data (a phone number, an account) is not; its tokens, spelled as an id, are: the same for the same id.</summary>
    public static async Task<string> StoredAsync(Masking masking, string app, string id, CancellationToken cancellationToken)
    {
        var masked = await masking.MaskAsync(app, id, MaskKinds.All, cancellationToken);
        if (masked.Spans.Count == 0)
            return id;
        var spelled = masked.Text.Replace('[', '.').Replace(']', '.').Replace(':', '-').Trim('.');
        return spelled.Length <= 64 ? spelled : CanonicalJson.Digest(spelled)[7..71];
    }
}
