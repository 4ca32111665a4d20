using AiOs.Models.Protocol;
using AiOs.Models.Sessions;
using AiOs.Serving.Chat;
using AiOs.Serving.Routing;
using AiOs.Serving.Wire;

namespace AiOs.Serving.Backends;

/// <summary>An ONNX model in this process: a fraud score, a classifier. It passes the gate that every model passes when it is loaded.</summary>
sealed class OnnxBackend : IBackend
{
    readonly TensorSession session;
    readonly string version;

    /// <exception cref="FormatException">The file is no model that can be served.</exception>
    public OnnxBackend(DeploymentSettings settings)
    {
        try
        {
            session = TensorSession.Open(settings.File!);
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            throw new FormatException($"The deployment '{settings.Name}' cannot serve {settings.File}: {e.Message}", e);
        }
        version = settings.Version ?? session.Digest[..12];
    }

    /// <inheritdoc/>
    public async ValueTask<BackendReply> AskAsync(WireRequest request, int longest, bool stream, CancellationToken cancellationToken)
    {
        var asked = request.Tensors;
        try
        {
            return new TensorReply(await Task.Run(() => session.Run(asked.Inputs, [.. asked.Outputs.Select(output => output.Name)], cancellationToken), cancellationToken), version);
        }
        catch (ProtocolException e)
        {
            throw new ModelException(ModelFailure.Rejected, e.Message) { Status = 400, Param = "inputs" };
        }
        catch (InvalidDataException e)
        {
            throw new ModelException(ModelFailure.Rejected, e.Message);   // here the inputs are to blame, not the deployment: its breaker stays out of it
        }
    }
}
