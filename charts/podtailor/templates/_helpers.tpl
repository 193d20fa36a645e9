{{- define "podtailor.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 50 | trimSuffix "-" -}}
{{- end -}}

{{/* At most 50 characters, so that a name with the longest suffix still has at most 63. */}}
{{- define "podtailor.fullname" -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if .Values.fullnameOverride -}}
{{- $name = .Values.fullnameOverride -}}
{{- else if not (contains $name .Release.Name) -}}
{{- $name = printf "%s-%s" .Release.Name $name -}}
{{- else -}}
{{- $name = .Release.Name -}}
{{- end -}}
{{- /* A Service's name has no dots and starts with a letter, unlike a release's. */ -}}
{{- $name = replace "." "-" $name -}}
{{- if not (regexMatch "^[a-z]" $name) -}}
{{- $name = printf "%s-%s" .Chart.Name $name -}}
{{- end -}}
{{- $name | trunc 50 | trimSuffix "-" -}}
{{- end -}}

{{- define "podtailor.namespace" -}}
{{- default .Release.Namespace .Values.namespaceOverride -}}
{{- end -}}

{{/* Names of cluster-scoped objects: those of two releases must not collide. */}}
{{- define "podtailor.clustername" -}}
{{- printf "%s-%s" (include "podtailor.fullname" .) (include "podtailor.namespace" .) -}}
{{- end -}}

{{/* Only labels that never change: selectors cannot be edited. Call: (list $ component) */}}
{{- define "podtailor.selectorLabels" -}}
{{- $root := first . -}}
app.kubernetes.io/name: {{ include "podtailor.name" $root | quote }}
app.kubernetes.io/instance: {{ $root.Release.Name | quote }}
app.kubernetes.io/component: {{ last . }}
{{- end -}}

{{/* Call: (list $ component) */}}
{{- define "podtailor.labels" -}}
{{- $root := first . -}}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{ include "podtailor.selectorLabels" . }}
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
app.kubernetes.io/part-of: podtailor
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
{{- with $root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* The start of every object's metadata. Call: (list $ component suffix) */}}
{{- define "podtailor.metadata" -}}
{{- $root := index . 0 -}}
name: {{ print (include "podtailor.fullname" $root) (index . 2) | quote }}
namespace: {{ include "podtailor.namespace" $root | quote }}
labels:
  {{- include "podtailor.labels" (list $root (index . 1)) | nindent 2 }}
{{- end -}}

{{/* The same for cluster-scoped objects. Call: (list $ component suffix) */}}
{{- define "podtailor.clustermetadata" -}}
{{- $root := index . 0 -}}
name: {{ print (include "podtailor.clustername" $root) (index . 2) | quote }}
labels:
  {{- include "podtailor.labels" (list $root (index . 1)) | nindent 2 }}
{{- end -}}

{{- define "podtailor.image" -}}
{{- $registry := default .Values.image.registry .Values.global.imageRegistry -}}
{{- with $registry }}{{ . | trimSuffix "/" }}/{{ end -}}
{{- .Values.image.repository -}}
{{- printf ":%s" (default .Chart.AppVersion .Values.image.tag) -}}
{{- with .Values.image.digest }}@{{ . }}{{ end -}}
{{- end -}}

{{/* Call: (list $ component) */}}
{{- define "podtailor.serviceAccountName" -}}
{{- $root := first . -}}
{{- $account := (index $root.Values (last .)).serviceAccount -}}
{{- if $account.name -}}
{{- $account.name -}}
{{- else if $account.create -}}
{{- printf "%s-%s" (include "podtailor.fullname" $root) (last .) -}}
{{- else -}}
default
{{- end -}}
{{- end -}}

{{- define "podtailor.caSecret" -}}
{{- include "podtailor.fullname" . }}-ca
{{- end -}}

{{/* The Secret that the webhook mounts. */}}
{{- define "podtailor.tlsSecret" -}}
{{- if eq .Values.webhook.certificates.mode "existing-secret" -}}
{{- .Values.webhook.certificates.secretName -}}
{{- else -}}
{{- include "podtailor.fullname" . }}-webhook-tls
{{- end -}}
{{- end -}}

{{/* Seconds of a duration such as 90s, 6m or 2160h. */}}
{{- define "podtailor.seconds" -}}
{{- $factors := dict "s" 1 "m" 60 "h" 3600 -}}
{{- $unit := substr (int (sub (len .) 1)) (len .) . -}}
{{- mul (trimSuffix $unit . | int64) (get $factors $unit) -}}
{{- end -}}

{{/* A quantity as the user wrote it, even if YAML made it a number: never 1.048576e+06. */}}
{{- define "podtailor.quantity" -}}
{{- if kindIs "string" . -}}
{{- . -}}
{{- else if eq (float64 .) (int64 . | float64) -}}
{{- int64 . -}}
{{- else -}}
{{- . -}}
{{- end -}}
{{- end -}}
