{{/* What the pods of all programs share: the requirements of the restricted standard are met here. */}}

{{- define "podtailor.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "podtailor.containerSecurity" -}}
allowPrivilegeEscalation: false
capabilities:
  drop: [ALL]
privileged: false
readOnlyRootFilesystem: true
{{- end -}}

{{/* Call: (list $ component) */}}
{{- define "podtailor.podMetadata" -}}
{{- $root := first . -}}
{{- $own := index $root.Values (last .) -}}
labels:
  {{- include "podtailor.selectorLabels" . | nindent 2 }}
  app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
  {{- with $root.Values.commonLabels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
  {{- with $own.podLabels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- with $own.podAnnotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* The pod's fields other than containers and volumes. Call: (list $ component) */}}
{{- define "podtailor.podSpec" -}}
{{- $root := first . -}}
{{- $own := index $root.Values (last .) -}}
serviceAccountName: {{ include "podtailor.serviceAccountName" . | quote }}
automountServiceAccountToken: {{ ne (last .) "agent" }}
# Otherwise a Service named podtailor-webhook would set PODTAILOR_WEBHOOK_PORT=tcp://…
# The agent finds the scaler by such a variable where there is no DNS; all its own are set.
enableServiceLinks: {{ eq (last .) "agent" }}
securityContext:
  {{- include "podtailor.podSecurity" $root | nindent 2 }}
terminationGracePeriodSeconds: {{ int64 $own.terminationGracePeriodSeconds }}
{{- with concat $root.Values.global.imagePullSecrets $root.Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $own.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $own.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $own.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $own.priorityClassName }}
priorityClassName: {{ . | quote }}
{{- end }}
{{- if kindIs "bool" $own.hostUsers }}
hostUsers: {{ $own.hostUsers }}
{{- end }}
{{- end -}}

{{/* The container's start. Call: (list $ component) */}}
{{- define "podtailor.container" -}}
{{- $root := first . -}}
name: {{ last . | quote }}
image: {{ include "podtailor.image" $root | quote }}
imagePullPolicy: {{ $root.Values.image.pullPolicy }}
args: [{{ last . }}]
securityContext:
  {{- include "podtailor.containerSecurity" $root | nindent 2 }}
resources:
  {{- toYaml (index $root.Values (last .)).resources | nindent 2 }}
{{- end -}}

{{- define "podtailor.commonEnv" -}}
- name: PODTAILOR_NAMESPACE
  valueFrom:
    fieldRef:
      fieldPath: metadata.namespace
- name: PODTAILOR_LOG_LEVEL
  value: {{ .Values.log.level | quote }}
- name: PODTAILOR_LOG_FORMAT
  value: {{ .Values.log.format | quote }}
{{- end -}}
