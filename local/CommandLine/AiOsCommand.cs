using System.CommandLine;
using System.CommandLine.Help;

namespace AiOs.Local.CommandLine;

/// <summary>The <c>aios</c> command line: one command a file, every command with help, --json and exit codes for scripts.</summary>
static class AiOsCommand
{
    /// <summary>Parses and runs; an expected failure is one line on standard error and its exit code.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var parsed = Create().Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors.Select(e => e.Message).Distinct(StringComparer.Ordinal)) await Console.Error.WriteLineAsync(error);
            await Console.Error.WriteLineAsync($"See: aios {(parsed.CommandResult.Command.Name == "aios" ? "" : parsed.CommandResult.Command.Name + " ")}--help");
            return ExitCode.Usage;
        }

        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        }
        catch (CommandException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return e.Code;
        }
        catch (OperationCanceledException)
        {
            return ExitCode.Failed;
        }
    }

    static Command Create() => new("aios", "An AI-powered operating system for practical automation, on one machine or in Azure.\nCommands are clients of AIOS_URL (default: the server of the data directory) with the key in AIOS_KEY (default: the owner's key of this machine).\n`aios test` builds everything and runs every test.")
    {
        new HelpOption(),
        UpCommand.Create(),
        SendCommand.Create(),
        EnqueueCommand.Create(),
        RunsCommand.Create(),
        CancelCommand.Create(),
        ApprovalsCommand.Approvals(),
        ApprovalsCommand.Approve(),
        ApprovalsCommand.Reject(),
        KeysCommand.Create(),
        DeployCommand.Create(),
        EvalCommand.Create(),
    };
}
