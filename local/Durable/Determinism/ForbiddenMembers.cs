using System.Reflection;

namespace AiOs.Local.Durable.Determinism;

/// <summary>What an orchestrator must not call, and what it uses instead.</summary>
static class ForbiddenMembers
{
    const string Clock = "context.CurrentUtcDateTime";
    const string Ids = "context.NewGuid()";
    const string Chance = "an activity that draws it";
    const string Timer = "context.CreateTimer";
    const string Work = "an activity (or several at once with Task.WhenAll)";
    const string Io = "an activity";
    const string Setting = "an activity, or the orchestration's input";

    // Null: every member. A type's derived types and nested types count as the type itself.
    static readonly (string Type, string[]? Members, string Instead)[] table =
    [
        ("System.DateTime", ["get_Now", "get_UtcNow", "get_Today"], Clock),
        ("System.DateTimeOffset", ["get_Now", "get_UtcNow"], Clock),
        ("System.Diagnostics.Stopwatch", null, Clock),
        ("System.TimeProvider", null, Clock),
        ("System.TimeZoneInfo", ["get_Local"], Clock),
        ("System.Environment", ["get_TickCount", "get_TickCount64"], Clock),
        ("System.Guid", ["NewGuid", "CreateVersion7"], Ids),
        ("System.Random", null, Chance),
        ("System.Security.Cryptography.RandomNumberGenerator", null, Chance),
        ("System.IO.Path", ["GetRandomFileName", "GetTempFileName", "GetTempPath"], Chance),
        ("System.Threading.Thread", [".ctor", "Sleep", "Start", "Join"], Timer),
        ("System.Threading.Timer", null, Timer),
        ("System.Threading.PeriodicTimer", null, Timer),
        ("System.Timers.Timer", null, Timer),
        ("System.Threading.CancellationTokenSource", ["CancelAfter", "CancelAsync"], $"{Timer}, and Cancel()"),
        ("System.Threading.Tasks.Task", ["Delay", "WaitAsync"], Timer),
        ("System.Threading.Tasks.Task", ["Run", "get_Factory"], Work),
        ("System.Threading.Tasks.Parallel", null, Work),
        ("System.Threading.ThreadPool", null, Work),
        ("System.Environment", ["GetEnvironmentVariable", "GetEnvironmentVariables", "ExpandEnvironmentVariables", "GetCommandLineArgs", "get_MachineName", "get_ProcessId", "get_UserName"], Setting),
        ("System.AppContext", null, Setting),
        ("System.Net.Http.HttpMessageInvoker", null, "an activity, or context.CallHttpAsync"),
        ("System.Net.WebClient", null, Io),
        ("System.Net.Dns", null, Io),
        ("System.Net.Sockets.Socket", null, Io),
        ("System.Net.Sockets.TcpClient", null, Io),
        ("System.Net.Sockets.UdpClient", null, Io),
        ("System.IO.File", null, Io),
        ("System.IO.Directory", null, Io),
        ("System.IO.FileSystemInfo", null, Io),
        ("System.IO.FileStream", null, Io),
        ("System.Data.Common.DbConnection", null, Io),
        ("System.Data.Common.DbCommand", null, Io),
        ("System.Diagnostics.Process", null, Io),
        ("System.Console", ["Read", "ReadKey", "ReadLine", "get_In", "get_KeyAvailable"], Io),
    ];

    static readonly ILookup<string, (string[]? Members, string Instead)> byType = table.ToLookup(row => row.Type, row => (row.Members, row.Instead), StringComparer.Ordinal);

    /// <summary>What to use instead of that member; null when it may be called.</summary>
    public static string? Instead(MethodBase member)
    {
        if (member is ConstructorInfo && member.DeclaringType == typeof(CancellationTokenSource))
            return member.GetParameters().Length > 0 ? $"{Timer}, and Cancel()" : null;
        for (var type = member.DeclaringType; type is not null; type = type.BaseType)
            foreach (var (members, instead) in byType[Definition(type).FullName ?? ""])
                if (members is null || members.Contains(member.Name, StringComparer.Ordinal))
                    return instead;
        return null;
    }

    static Type Definition(Type type) => type is { IsGenericType: true, BaseType.FullName: "System.Threading.Tasks.Task" } ? type.BaseType
        : type.IsGenericType ? type.GetGenericTypeDefinition()
        : type;
}
