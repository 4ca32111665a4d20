namespace AiOs.Local.CommandLine;

/// <summary>What the commands answer to scripts.</summary>
static class ExitCode
{
    /// <summary>Done, and well.</summary>
    public const int Ok = 0;

    /// <summary>Done, but the result is not good: a run failed, an eval fell short.</summary>
    public const int Failed = 1;

    /// <summary>The command line was not understood.</summary>
    public const int Usage = 2;

    /// <summary>The server refused the request.</summary>
    public const int Refused = 3;

    /// <summary>No server answers.</summary>
    public const int Unreachable = 4;
}

/// <summary>An expected end of a command, with the message for the person and the code for the script.</summary>
sealed class CommandException(string message, int code) : Exception(message)
{
    /// <summary>One of <see cref="ExitCode"/>.</summary>
    public int Code => code;
}
