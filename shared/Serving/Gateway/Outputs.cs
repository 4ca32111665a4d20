using System.Text;
using System.Text.Json;
using AiOs.Security;
using AiOs.Serving.Backends;
using AiOs.Serving.Wire;

namespace AiOs.Serving.Gateway;

/// <summary>Masks what models say before it is kept: they may know or guess what nobody told them.</summary>
sealed class Outputs(Masking masking)
{
    /// <summary>Tensors as they are kept; null where nothing of them may be.</summary>
    public async ValueTask<string?> MaskAsync(CallTerms terms, TensorReply reply, ReadOnlyMemory<byte> json, CancellationToken cancellationToken) =>
        terms.Sensitive ? null
        : TensorWire.IsTelling(reply.Outputs) || (reply.Version is { } version && TensorWire.IsTelling(version)) ? (await masking.MaskAsync(terms.App, JsonElement.Parse(json.Span), MaskKinds.All, cancellationToken)).GetRawText()
        : Encoding.UTF8.GetString(json.Span);

    /// <summary>What a server calls its version, which is kept and counted by: servers may say anything there.</summary>
    public async ValueTask<string?> VersionAsync(string app, string? version, CancellationToken cancellationToken) =>
        version is not null && TensorWire.IsTelling(version) ? (await masking.MaskAsync(app, version, MaskKinds.All, cancellationToken)).Text : version;

    public async ValueTask<string> MaskAsync(string app, ReadOnlyMemory<byte> json, bool telling, CancellationToken cancellationToken)
    {
        if (!telling)
            return Encoding.UTF8.GetString(json.Span);
        var texts = new List<string>();
        Restoration.Rewrite(json, (name, text) =>
        {
            if (IsSaid(name))
                texts.Add(text);
            return text;
        });
        var masked = new Queue<string>();
        foreach (var text in texts)
            masked.Enqueue((await masking.MaskAsync(app, text, MaskKinds.All, cancellationToken)).Text);
        return Encoding.UTF8.GetString(Restoration.Rewrite(json, (name, text) => IsSaid(name) ? masked.Dequeue() : text).Span);
    }

    static bool IsSaid(string member) => member is "content" or "refusal" or "arguments" or "text" or "reasoning_content";
}
