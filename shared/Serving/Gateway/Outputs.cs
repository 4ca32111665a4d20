using System.Text;
using AiOs.Security;
using AiOs.Serving.Backends;
using AiOs.Serving.Wire;

namespace AiOs.Serving.Gateway;

/// <summary>Masks what models say before it is kept: they may know or guess what nobody told them.</summary>
sealed class Outputs(Masking masking)
{
    /// <summary>Tensors as they are kept; null where nothing of them may be.</summary>
    public async ValueTask<string?> MaskAsync(CallTerms terms, TensorReply reply, ReadOnlyMemory<byte> json, CancellationToken cancellationToken) =>
        terms.Sensitive ? null : await MaskAsync(terms.App, json, TensorWire.IsTelling(reply.Outputs), cancellationToken, static member => member == "data");

    public ValueTask<string> MaskAsync(string app, ReadOnlyMemory<byte> json, bool telling, CancellationToken cancellationToken) => MaskAsync(app, json, telling, cancellationToken, IsSaid);

    async ValueTask<string> MaskAsync(string app, ReadOnlyMemory<byte> json, bool telling, CancellationToken cancellationToken, Func<string, bool> isSaid)
    {
        if (!telling)
            return Encoding.UTF8.GetString(json.Span);
        var texts = new List<string>();
        Restoration.Rewrite(json, (name, text) =>
        {
            if (isSaid(name))
                texts.Add(text);
            return text;
        });
        var masked = new Queue<string>();
        foreach (var text in texts)
            masked.Enqueue((await masking.MaskAsync(app, text, MaskKinds.All, cancellationToken)).Text);
        return Encoding.UTF8.GetString(Restoration.Rewrite(json, (name, text) => isSaid(name) ? masked.Dequeue() : text).Span);
    }

    static bool IsSaid(string member) => member is "content" or "refusal" or "arguments" or "text" or "reasoning_content";
}
