using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Microsoft.Azure.Functions.Worker.Converters;

/// <summary>The request itself.</summary>
sealed class HttpRequestConverter : IInputConverter
{
    public ValueTask<ConversionResult> ConvertAsync(ConverterContext context) => new(
        context.TargetType == typeof(HttpRequest) && context.FunctionContext.GetHttpContext() is { } http ? ConversionResult.Success(http.Request)
        : ConversionResult.Unhandled());
}

/// <summary>The execution itself.</summary>
sealed class FunctionContextConverter : IInputConverter
{
    public ValueTask<ConversionResult> ConvertAsync(ConverterContext context) => new(
        context.TargetType == typeof(FunctionContext) ? ConversionResult.Success(context.FunctionContext) : ConversionResult.Unhandled());
}

/// <summary>What already has the type.</summary>
sealed class SameTypeConverter : IInputConverter
{
    public ValueTask<ConversionResult> ConvertAsync(ConverterContext context) => new(
        context.TargetType.IsInstanceOfType(context.Source) ? ConversionResult.Success(context.Source) : ConversionResult.Unhandled());
}

/// <summary>Ids from text.</summary>
sealed class GuidConverter : IInputConverter
{
    public ValueTask<ConversionResult> ConvertAsync(ConverterContext context) => new(
        (context.TargetType == typeof(Guid) || context.TargetType == typeof(Guid?)) && context.Source is string text && Guid.TryParse(text, out var id)
            ? ConversionResult.Success(id)
            : ConversionResult.Unhandled());
}

/// <summary>Times from text.</summary>
sealed class DateTimeConverter : IInputConverter
{
    public ValueTask<ConversionResult> ConvertAsync(ConverterContext context)
    {
        if (context.Source is not string text)
            return new(ConversionResult.Unhandled());
        var type = Nullable.GetUnderlyingType(context.TargetType) ?? context.TargetType;
        var invariant = CultureInfo.InvariantCulture;
        object? time =
            type == typeof(DateTimeOffset) && DateTimeOffset.TryParse(text, invariant, DateTimeStyles.None, out var offset) ? offset
            : type == typeof(DateTime) && DateTime.TryParse(text, invariant, DateTimeStyles.None, out var moment) ? moment
            : type == typeof(DateOnly) && DateOnly.TryParse(text, invariant, out var date) ? date
            : type == typeof(TimeOnly) && TimeOnly.TryParse(text, invariant, out var clock) ? clock
            : null;
        return new(time is null ? ConversionResult.Unhandled() : ConversionResult.Success(time));
    }
}

/// <summary>Text as bytes and bytes as text.</summary>
sealed class BytesConverter : IInputConverter
{
    public ValueTask<ConversionResult> ConvertAsync(ConverterContext context)
    {
        var type = context.TargetType;
        object? value = context.Source switch
        {
            string text when type == typeof(byte[]) => Encoding.UTF8.GetBytes(text),
            string text when type == typeof(ReadOnlyMemory<byte>) => new ReadOnlyMemory<byte>(Encoding.UTF8.GetBytes(text)),
            string text when type == typeof(BinaryData) => BinaryData.FromString(text),
            string text when type == typeof(Stream) => new MemoryStream(Encoding.UTF8.GetBytes(text), writable: false),
            ReadOnlyMemory<byte> bytes when type == typeof(byte[]) => bytes.ToArray(),
            ReadOnlyMemory<byte> bytes when type == typeof(string) => Encoding.UTF8.GetString(bytes.Span),
            _ => null,
        };
        return new(value is null ? ConversionResult.Unhandled() : ConversionResult.Success(value));
    }
}

/// <summary>Anything else from JSON text, by the worker's serializer.</summary>
sealed class JsonConverter(IOptions<WorkerOptions> options) : IInputConverter
{
    public async ValueTask<ConversionResult> ConvertAsync(ConverterContext context)
    {
        var json = context.Source switch
        {
            string text => Encoding.UTF8.GetBytes(text),
            ReadOnlyMemory<byte> bytes => bytes.ToArray(),
            _ => null,
        };
        if (json is null || context.TargetType == typeof(string))
            return ConversionResult.Unhandled();
        try
        {
            using var stream = new MemoryStream(json, writable: false);
            return ConversionResult.Success(
                await options.Value.Serializer!.DeserializeAsync(stream, context.TargetType, context.FunctionContext.CancellationToken));
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            return ConversionResult.Failed(exception);
        }
    }
}

/// <summary>The token of the execution.</summary>
sealed class CancellationTokenConverter : IInputConverter
{
    public ValueTask<ConversionResult> ConvertAsync(ConverterContext context) => new(
        context.TargetType == typeof(CancellationToken) || context.TargetType == typeof(CancellationToken?)
            ? ConversionResult.Success(context.FunctionContext.CancellationToken)
            : ConversionResult.Unhandled());
}
