using System.Globalization;
using System.Runtime.InteropServices;

namespace AiOs.Bench;

/// <summary>The machine that a figure was measured on. A figure without it means nothing.</summary>
/// <param name="Cpu">The processor's name.</param>
/// <param name="Cores">Logical processors that this process may use.</param>
/// <param name="Os">Operating system.</param>
/// <param name="Runtime">.NET version.</param>
/// <param name="FileSystem">Of the folder that is measured in.</param>
/// <param name="Load">Processes that wanted to run in the last minute, as the measurement began; null where the system does not tell.</param>
sealed record Machine(string Cpu, int Cores, string Os, string Runtime, string FileSystem, double? Load)
{
    /// <summary>This machine, now.</summary>
    public static Machine Describe(string folder) => new(
        CpuName(), Environment.ProcessorCount, RuntimeInformation.OSDescription, RuntimeInformation.FrameworkDescription, new DriveInfo(Path.GetFullPath(folder)).DriveFormat, LoadNow());

    /// <summary>Processes that wanted to run in the last minute (Linux).</summary>
    public static double? LoadNow() =>
        File.Exists("/proc/loadavg") ? double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture) : null;

    static string CpuName() =>
        File.Exists("/proc/cpuinfo") && File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal)) is { } line
            ? line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim()
            : Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? RuntimeInformation.ProcessArchitecture.ToString();

    /// <summary>In one line.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Cpu}, {Cores} cores, {FileSystem}, {Os}, {Runtime}, load {Load:0.0}");
}
