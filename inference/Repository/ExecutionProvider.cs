using Microsoft.ML.OnnxRuntime;
using SessionOptions = Microsoft.ML.OnnxRuntime.SessionOptions;

namespace AiOs.Inference.Repository;

/// <summary>Where models run. <c>auto</c> is CUDA where this build of ONNX Runtime has it and a device answers, else the CPU.</summary>
/// <param name="Name"><c>CUDA</c> or <c>CPU</c>.</param>
/// <param name="Reason">Why this one.</param>
sealed record ExecutionProvider(string Name, string Reason)
{
    const string Cuda = "CUDAExecutionProvider";

    /// <exception cref="InvalidOperationException">CUDA was asked for and is not there.</exception>
    public static ExecutionProvider Choose(string wanted)
    {
        if (wanted == "cpu")
            return new("CPU", "as configured");
        var reason = Unusable();
        return reason is null ? new("CUDA", wanted == "auto" ? "found" : "as configured")
            : wanted == "auto" ? new("CPU", reason)
            : throw new InvalidOperationException($"The provider cuda was asked for, but {reason}.");
    }

    /// <summary>Options of a session on this provider.</summary>
    public SessionOptions Options(int threads)
    {
        var options = new SessionOptions { IntraOpNumThreads = threads, InterOpNumThreads = 1, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };   // the reply says why a request failed
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        if (Name == "CUDA")
            options.AppendExecutionProvider_CUDA(0);
        return options;
    }

    static string? Unusable()
    {
        if (!OrtEnv.Instance().GetAvailableProviders().Contains(Cuda, StringComparer.Ordinal))
            return "this build of ONNX Runtime has no CUDA";
        try
        {
            using var probe = new SessionOptions();
            probe.AppendExecutionProvider_CUDA(0);
            return null;
        }
        catch (OnnxRuntimeException e)
        {
            return $"CUDA does not start: {e.Message.Split('\n')[0]}";
        }
    }
}
