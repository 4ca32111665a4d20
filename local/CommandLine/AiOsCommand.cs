using System.CommandLine;
using System.CommandLine.Help;
using AiOs.Local.CommandLine.Intents;
using AiOs.Local.CommandLine.Models;
using System.CommandLine.Parsing;
using AiOs.Local.CommandLine.Crash;

namespace AiOs.Local.CommandLine;

/// <summary>The <c>aios</c> command line: one command a file, every command with help, --json and exit codes for scripts.</summary>
static class AiOsCommand
{
    /// <summary>Parses and runs; an expected failure is one line on standard error and its exit code.</summary>
    public static Task<int> RunAsync(string[] args) => RunAsync(Create(), args);

    /// <summary>The same for another program's commands, under a root named <c>aios</c>.</summary>
    public static async Task<int> RunAsync(Command root, string[] args)
    {
        var parsed = root.Parse(args);
        string[] errors = [.. Mistaken(parsed)];
        if (errors.Length == 0) errors = Misspelt.Of(parsed) is { } misspelt ? [misspelt] : [.. parsed.Errors.Select(e => e.Message)];
        if (errors.Length > 0)
        {
            foreach (var error in errors.Distinct(StringComparer.Ordinal)) await Console.Error.WriteLineAsync(error);
            await Console.Error.WriteLineAsync($"See: {Words(parsed.CommandResult)} --help");
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

    /// <summary>Options that the command does not have and would take for its arguments; behind <c>--</c> anything is meant as it is.</summary>
    static IEnumerable<string> Mistaken(ParseResult parsed) => parsed.Tokens.Any(token => token.Type == TokenType.DoubleDash) ? [] : parsed.CommandResult.Children.OfType<ArgumentResult>().SelectMany(argument => argument.Tokens)
        .Where(token => token.Value.Length > 2 && token.Value.StartsWith("--", StringComparison.Ordinal) && char.IsAsciiLetter(token.Value[2]) && !token.Value.Contains(' ', StringComparison.Ordinal))
        .Select(token => $"{Misspelt.Option(parsed.CommandResult, token.Value)} Write -- before it where it is no option.");

    static string Words(CommandResult command) => command.Parent is CommandResult outer ? $"{Words(outer)} {command.Command.Name}" : command.Command.Name;

    static Command Create() => new("aios", "An AI-powered operating system for practical automation, on one machine or in Azure.\nCommands are clients of AIOS_URL (default: the server of the data directory) with the key in AIOS_KEY (default: the owner's key of this machine).\n`aios test` builds everything and runs every test, `aios bench` measures this machine, `aios inference` serves ONNX models.")
    {
        new HelpOption(),
        UpCommand.Create(),
        SendCommand.Create(),
        EnqueueCommand.Create(),
        RunsCommand.Create(),
        CancelCommand.Create(),
        ApprovalsCommand.Approvals(), HandOffsCommand.Create(),
        ApprovalsCommand.Approve(),
        ApprovalsCommand.Reject(),
        KeysCommand.Create(),
        DeployCommand.Create(), RebuildCommand.Create(),
        KnowledgeCommand.Create(),
        BudgetsCommand.Create(), CostsCommand.Create(), CapturesCommand.Create(), ModelsCommand.Create(),
        EvalCommand.Create(),
        IntentsCommand.Create(),
        CrashCommand.Create(),
        CrashWorker.Create(),
        ReplayCommand.Create(),
        ModelCommand.Create(),
    };
}
