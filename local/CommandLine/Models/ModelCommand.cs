using System.CommandLine;
using System.Globalization;
using AiOs.Models.Parity;
using AiOs.Models.Quantization;
using Spectre.Console;

namespace AiOs.Local.CommandLine.Models;

/// <summary><c>model</c>: new versions of ONNX models, and the gate that every one of them has to pass.</summary>
static class ModelCommand
{
    public static Command Create() => new("model", "Make and check versions of ONNX models.") { Quantize(), Gate(), Check() };

    static Command Quantize()
    {
        var input = Input();
        var (output, golden, json) = (Output(), Golden(), CommonOptions.Json());
        var bits = new Option<int>("--weight-bits") { Description = "8 or 7; 7 is exact on processors without VNNI too.", DefaultValueFactory = _ => new QuantizationOptions().WeightBits };
        var keep = new Option<string[]>("--keep") { Description = "Leave nodes whose name contains this as they are.", AllowMultipleArgumentsPerToken = true };
        bits.AcceptOnlyFromAmong("7", "8");
        var command = new Command("quantize", "Write an 8-bit version (int8, dynamic). It is written only where it passes the parity gate against the original; else exit code 1.") { input, output, golden, bits, keep, json };
        command.SetAction(parsed => Work(() =>
        {
            var model = ModelFiles.At(parsed.GetValue(input)!);
            var options = new QuantizationOptions { WeightBits = parsed.GetValue(bits), Keep = parsed.GetValue(keep) ?? [] };
            var (file, record, report) = ModelDerivation.Quantize(File.ReadAllBytes(model.Model), model.GoldenSet(parsed.GetValue(golden)), options, new());
            return Finish(new(parsed.GetValue(json)), model, file, record, parsed.GetValue(output)!, $"{report.Products} products and {report.Tables} tables are 8-bit, {report.Kept} products are not");
        }));
        return command;
    }

    static Command Gate()
    {
        var input = Input();
        var (output, golden, json) = (Output(), Golden(), CommonOptions.Json());
        var against = new Option<string>("--against") { Description = "The version that it is to take the place of: model.onnx, or its folder.", Required = true };
        var command = new Command("gate", "Compare a new version with the one in service, and write it with the record of that. It is written only where it passes; else exit code 1.") { input, against, output, golden, json };
        command.SetAction(parsed => Work(() =>
        {
            var model = ModelFiles.At(parsed.GetValue(input)!);
            var (file, record) = ModelDerivation.Gate(File.ReadAllBytes(model.Model), File.ReadAllBytes(ModelFiles.At(parsed.GetValue(against)!).Model), model.GoldenSet(parsed.GetValue(golden)), new());
            return Finish(new(parsed.GetValue(json)), model, file, record, parsed.GetValue(output)!, "nothing was changed but the record");
        }));
        return command;
    }

    static Command Check()
    {
        var input = Input();
        var required = new Option<bool>("--required") { Description = "Refuse a model without a record even where it was not made from another one." };
        var json = CommonOptions.Json();
        var command = new Command("check", "Say whether a model would be let into a session, and show the record of its gate. Exit code 1 where not.") { input, required, json };
        command.SetAction(parsed => Work(() =>
        {
            var file = File.ReadAllBytes(ModelFiles.At(parsed.GetValue(input)!).Model);
            ParityGate.Check(file, parsed.GetValue(required));
            var record = ParityGate.RecordOf(file);
            new Shell(parsed.GetValue(json)).Result(new { loads = true, record }, console => console.WriteLine(record is null
                ? "It loads: it was not made from another model, and has no record."
                : string.Create(CultureInfo.InvariantCulture, $"It loads: {record.Figures} on {record.Pieces} pieces of {record.Set} against {record.Against}.")));
            return ExitCode.Ok;
        }));
        return command;
    }

    static int Finish(Shell shell, ModelFiles model, byte[] file, GateRecord record, string output, string what)
    {
        if (record.Passed)
            model.Write(file, output);
        shell.Result(new { record.Passed, bytes = file.Length, record }, console => console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{(record.Passed ? $"{output}: passed" : "FAILED, nothing is written")}. {record.Figures} on {record.Pieces} pieces of {record.Set} against {record.Against}; {what}; {file.Length / 1e6:0.00} MB.")));
        return record.Passed ? ExitCode.Ok : ExitCode.Failed;
    }

    static int Work(Func<int> act)
    {
        try
        {
            return act();
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            throw new CommandException(e.Message, ExitCode.Failed);
        }
    }

    static Argument<string> Input() => new("model") { Description = "A model.onnx, or the folder it is in with its vocabulary. `sentence-encoder` and `intent-encoder` are those that come with the OS." };

    static Option<string> Output() => new("--out") { Description = "Where to write: a name that ends in .onnx, or a folder for the model and what stands beside it.", Required = true };

    static Option<string?> Golden() => new("--golden") { Description = "The golden set: lines of label, tab, sentence (default: the 150 sentences that come with the OS)." };
}
