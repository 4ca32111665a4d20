using System.Security.Cryptography;
using AiOs.Models.Parity;
using Microsoft.ML.OnnxRuntime;

namespace AiOs.Models.Sessions;

/// <summary>Which models have to carry the record of a parity gate that they passed.</summary>
public enum GateRule
{
    /// <summary>Those that were made from another model.</summary>
    WhereDerived,
    /// <summary>Every one.</summary>
    Required,
}

/// <summary>The one place where ONNX sessions come from. INVARIANT: the bytes that are checked are the bytes that are opened.</summary>
public static class ModelLoader
{
    /// <summary>Opens the model in <paramref name="path"/>; also gives the SHA-256 of the file.</summary>
    /// <exception cref="InvalidDataException">The file is no model that ONNX Runtime can load, or its gate does not let it pass.</exception>
    public static (InferenceSession Session, string Digest) OpenWithDigest(string path, SessionOptions options, GateRule rule)
    {
        var bytes = File.ReadAllBytes(path);
        return (Open(bytes, options, rule), Convert.ToHexStringLower(SHA256.HashData(bytes)));
    }

    /// <summary>Opens a model that is in memory.</summary>
    /// <exception cref="InvalidDataException">This is no model that ONNX Runtime can load, or its gate does not let it pass.</exception>
    public static InferenceSession Open(byte[] bytes, SessionOptions options, GateRule rule)
    {
        ParityGate.Check(bytes, rule == GateRule.Required);
        return Ungated(bytes, options);
    }

    /// <summary>For the gate itself, which has to run what has not passed yet.</summary>
    internal static InferenceSession Ungated(byte[] bytes, SessionOptions options)
    {
        try
        {
            return new InferenceSession(bytes, options);
        }
        catch (OnnxRuntimeException e)
        {
            throw new InvalidDataException($"It cannot be loaded: {e.Message}", e);
        }
    }
}
