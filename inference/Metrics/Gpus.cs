using System.Diagnostics.Metrics;
using System.Globalization;
using System.Runtime.InteropServices;
using AiOs.Inference.Repository;
using AiOs.Telemetry;

namespace AiOs.Inference.Metrics;

/// <summary>How busy the GPUs are, by NVIDIA's management library (docs.nvidia.com/deploy/nvml-api). It is there only where models run on CUDA and the library loads; nowhere else does anything of it show.</summary>
sealed class Gpus : IDisposable
{
    const int Success = 0;

    static readonly string[] libraries = ["libnvidia-ml.so.1", "nvml.dll"];

    readonly nint library;
    readonly nint[] devices;
    readonly GetUtilization utilization;
    readonly Call shutdown;
    readonly Meter meter = new(AiOsTelemetry.Name);

    Gpus(nint library, nint[] devices)
    {
        (this.library, this.devices) = (library, devices);
        (utilization, shutdown) = (Function<GetUtilization>(library, "nvmlDeviceGetUtilizationRates"), Function<Call>(library, "nvmlShutdown"));
        meter.CreateObservableGauge("aios.inference.gpu.utilization", () => Read().Select(gpu => new Measurement<double>(gpu.Share, new KeyValuePair<string, object?>("gpu", gpu.Index.ToString(CultureInfo.InvariantCulture)))),
            "1", "The share of the last moments in which a GPU worked.");
    }

    delegate int Call();

    delegate int GetCount(out uint count);

    delegate int GetDevice(uint index, out nint device);

    delegate int GetUtilization(nint device, out Rates rates);

    /// <summary>The GPUs that the library sees; null where models run elsewhere, or where there is no library or none that answers.</summary>
    public static Gpus? Find(ExecutionProvider provider) => provider.Name == "CUDA" ? libraries.Select(Open).FirstOrDefault(found => found is not null) : null;

    /// <summary>Opens one library; null where it is none of these.</summary>
    internal static Gpus? Open(string name)
    {
        if (!NativeLibrary.TryLoad(name, out var library))
            return null;
        try
        {
            if (Function<Call>(library, "nvmlInit_v2")() == Success && Function<GetCount>(library, "nvmlDeviceGetCount_v2")(out var count) == Success)
            {
                var getDevice = Function<GetDevice>(library, "nvmlDeviceGetHandleByIndex_v2");
                return new(library, [.. Enumerable.Range(0, (int)count).Select(index => getDevice((uint)index, out var device) == Success ? device : 0)]);
            }
        }
        catch (EntryPointNotFoundException)
        {
            // Another library, or an older one.
        }
        NativeLibrary.Free(library);
        return null;
    }

    /// <summary>Each GPU that says so, and the share of the last moments in which it worked.</summary>
    public IEnumerable<(int Index, double Share)> Read()
    {
        for (var i = 0; i < devices.Length; i++)
            if (devices[i] != 0 && utilization(devices[i], out var rates) == Success)
                yield return (i, rates.Gpu / 100.0);
    }

    static T Function<T>(nint library, string name) where T : Delegate => Marshal.GetDelegateForFunctionPointer<T>(NativeLibrary.GetExport(library, name));

    public void Dispose()
    {
        meter.Dispose();
        shutdown();
        NativeLibrary.Free(library);
    }

    /// <summary>nvmlUtilization_t, as it lies in memory: percentages of time.</summary>
    readonly record struct Rates(uint Gpu, uint Memory);
}
