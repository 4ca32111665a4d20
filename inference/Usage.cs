namespace AiOs.Inference;

/// <summary>The command line.</summary>
static class Usage
{
    static readonly string[] known = ["--listen", "--port", "--repository", "--provider", "--max-body", "--poll"];

    public const string Text = """
        aios inference: serves ONNX models over the Open Inference Protocol (HTTP).

          --port 8000            where it listens (0: any free port)
          --listen 127.0.0.1     the address; 0.0.0.0 listens to everybody
          --repository DIR       models as NAME/VERSION/model.onnx with NAME/config.json (default: the sentence encoder)
          --provider auto        auto (CUDA where there is one), cpu or cuda
          --max-body 16777216    bytes of the largest request
          --poll 0               seconds between looks for new versions (0: only when asked to load)

        The environment has the same settings as AIOS_INFERENCE_PORT and so on. AIOS_INFERENCE_KEY is the bearer key that callers need.
        """;

    /// <summary>The arguments, each a known name with a value.</summary>
    /// <exception cref="FormatException">They are not.</exception>
    public static string[] Checked(string[] args)
    {
        for (var i = 0; i < args.Length; i += 2)
            if (!known.Contains(args[i], StringComparer.Ordinal) || i + 1 == args.Length)
                throw new FormatException($"'{args[i]}' is {(i + 1 == args.Length ? "not followed by a value or not known" : "not known")}.\n{Text}");
        return args;
    }
}
