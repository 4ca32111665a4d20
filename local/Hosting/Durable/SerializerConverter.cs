using Azure.Core.Serialization;
using Microsoft.DurableTask;

namespace AiOs.Local.Hosting.Durable;

/// <summary>Durable payloads by the worker's serializer, so that they obey the app's JSON options.</summary>
sealed class SerializerConverter(ObjectSerializer serializer) : DataConverter
{
    public override string? Serialize(object? value) => value is null ? null : serializer.Serialize(value, value.GetType(), CancellationToken.None).ToString();

    public override object? Deserialize(string? data, Type targetType)
    {
        if (data is null)
            return null;
        using var stream = BinaryData.FromString(data).ToStream();
        return serializer.Deserialize(stream, targetType, CancellationToken.None);
    }
}
